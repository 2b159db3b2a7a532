"""Events out: webhook, MQTT, a command and the journal, and the thread that empties the outbox."""
