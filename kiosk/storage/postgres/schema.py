"""The schema of the central gallery, as ordered steps: step N brings it from version N-1 to N.

Steps are never changed once released: a new one is added to the end. Each runs in one transaction.
What is in them is run by the owner of the schema (`kiosk fleet init`), never by a kiosk.
"""

from __future__ import annotations

_PEOPLE = """
CREATE TABLE kiosk.fleet (
    one integer PRIMARY KEY CHECK (one = 1),
    fleet uuid NOT NULL,
    version integer NOT NULL,
    privacy text NOT NULL CHECK (privacy IN ('sealed', 'searchable')),
    members name NOT NULL,
    epoch integer NOT NULL DEFAULT 1
);
-- `head` is the newest change of a site; changes up to `horizon` were pruned.
CREATE TABLE kiosk.sites (
    site text PRIMARY KEY CHECK (site <> ''),
    head bigint NOT NULL DEFAULT 0,
    horizon bigint NOT NULL DEFAULT 0
);
CREATE TABLE kiosk.kiosks (
    kiosk uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    role name NOT NULL UNIQUE,
    ring integer NOT NULL DEFAULT 0,
    public_key bytea,
    token uuid,
    turn bigint NOT NULL DEFAULT 0,
    invited timestamptz NOT NULL DEFAULT now(),
    joined timestamptz,
    left_at timestamptz,
    revoked timestamptz,
    destroyed timestamptz,
    contact timestamptz,
    program text NOT NULL DEFAULT '',
    schema integer,
    skew double precision,
    waiting integer,
    oldest timestamptz,
    people integer
);
CREATE TABLE kiosk.memberships (
    kiosk uuid NOT NULL REFERENCES kiosk.kiosks ON DELETE CASCADE,
    site text NOT NULL REFERENCES kiosk.sites,
    home boolean NOT NULL,
    confirmed bigint NOT NULL DEFAULT 0,
    confirmed_at timestamptz,
    PRIMARY KEY (kiosk, site)
);
CREATE TABLE kiosk.key_wraps (
    kiosk uuid NOT NULL REFERENCES kiosk.kiosks ON DELETE CASCADE,
    epoch integer NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (kiosk, epoch)
);
CREATE TABLE kiosk.models (
    model integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    modality text NOT NULL CHECK (modality IN ('face', 'voice')),
    model_id text NOT NULL,
    dims integer NOT NULL CHECK (dims > 0),
    UNIQUE (modality, model_id)
);
-- A name is known here by a keyed hash alone; it is unique in the whole fleet.
CREATE TABLE kiosk.names (
    tag bytea PRIMARY KEY,
    subject uuid NOT NULL UNIQUE,
    site text NOT NULL
);
CREATE SEQUENCE kiosk.numbers;
CREATE TABLE kiosk.subjects (
    site text NOT NULL,
    subject uuid NOT NULL,
    number bigint NOT NULL DEFAULT nextval('kiosk.numbers'),
    created timestamptz NOT NULL,
    body bytea NOT NULL,
    picture bytea,
    PRIMARY KEY (site, subject)
) PARTITION BY LIST (site);
CREATE TABLE kiosk.enrolments (
    site text NOT NULL,
    enrolment uuid NOT NULL,
    subject uuid NOT NULL,
    number bigint NOT NULL DEFAULT nextval('kiosk.numbers'),
    kind text NOT NULL CHECK (kind IN ('new', 'add', 'replace', 'rollback', 'learnt')),
    time timestamptz NOT NULL,
    face integer NOT NULL,
    voice integer NOT NULL,
    undone boolean NOT NULL,
    PRIMARY KEY (site, enrolment)
) PARTITION BY LIST (site);
CREATE TABLE kiosk.templates (
    site text NOT NULL,
    template uuid NOT NULL,
    subject uuid NOT NULL,
    enrolment uuid NOT NULL,
    retired_by uuid,
    number bigint NOT NULL DEFAULT nextval('kiosk.numbers'),
    model integer NOT NULL,
    created timestamptz NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (site, template)
) PARTITION BY LIST (site);
ALTER TABLE kiosk.templates ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE kiosk.consents (
    site text NOT NULL,
    consent uuid NOT NULL,
    subject uuid NOT NULL,
    number bigint NOT NULL DEFAULT nextval('kiosk.numbers'),
    time timestamptz NOT NULL,
    withdrawn timestamptz,
    body bytea NOT NULL,
    PRIMARY KEY (site, consent)
) PARTITION BY LIST (site);
CREATE INDEX ON kiosk.subjects (site, number);
CREATE INDEX ON kiosk.enrolments (site, subject);
CREATE INDEX ON kiosk.templates (site, subject);
CREATE INDEX ON kiosk.consents (site, subject);
-- The change feed: `seq` counts without a gap, in the order in which changes were kept.
CREATE TABLE kiosk.changes (
    site text NOT NULL,
    seq bigint NOT NULL,
    subject uuid NOT NULL,
    act text NOT NULL,
    operation uuid NOT NULL,
    kiosk uuid,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (site, seq)
) PARTITION BY LIST (site);
CREATE TABLE kiosk.operations (
    site text NOT NULL,
    operation uuid NOT NULL,
    kiosk uuid,
    seq bigint NOT NULL,
    outcome text NOT NULL,
    told bytea,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (site, operation)
);
CREATE TABLE kiosk.removed (
    site text NOT NULL,
    subject uuid NOT NULL,
    seq bigint NOT NULL,
    kiosk uuid,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    merged_into uuid,
    PRIMARY KEY (site, subject)
);
CREATE TABLE kiosk.receipts (
    kiosk uuid NOT NULL REFERENCES kiosk.kiosks ON DELETE CASCADE,
    site text NOT NULL,
    seq bigint NOT NULL,
    act text NOT NULL,
    subject uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kiosk, site, seq)
);
-- The mean direction of a subject's templates in use, turned by a key that the server lacks; only
-- where the fleet is searchable.
CREATE TABLE kiosk.centroids (
    site text NOT NULL,
    subject uuid NOT NULL,
    model integer NOT NULL,
    turned halfvec NOT NULL,
    PRIMARY KEY (site, subject, model)
) PARTITION BY LIST (site);
"""

_DECISIONS = """
CREATE SEQUENCE kiosk.decision_numbers;
CREATE TABLE kiosk.decisions (
    decision bigint NOT NULL DEFAULT nextval('kiosk.decision_numbers'),
    site text NOT NULL,
    row_id uuid NOT NULL,
    time timestamptz NOT NULL,
    subject uuid,
    identified boolean NOT NULL,
    body bytea NOT NULL,
    corrected timestamptz,
    corrected_by text,
    corrected_to uuid,
    learnt uuid,
    PRIMARY KEY (site, decision)
);
CREATE TABLE kiosk.probes (
    site text NOT NULL,
    decision bigint NOT NULL,
    model integer NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (site, decision, model),
    FOREIGN KEY (site, decision) REFERENCES kiosk.decisions ON DELETE CASCADE
);
CREATE INDEX ON kiosk.decisions (site, time);
CREATE INDEX ON kiosk.decisions (subject);
CREATE TABLE kiosk.retention (
    one integer PRIMARY KEY CHECK (one = 1),
    trusted timestamptz NOT NULL, boot text NOT NULL, seconds double precision NOT NULL,
    doubt double precision NOT NULL
);
"""

_FUNCTIONS = """
CREATE FUNCTION kiosk.my_kiosk() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = kiosk, pg_temp AS
$$ SELECT kiosk FROM kiosks WHERE role = session_user AND revoked IS NULL AND left_at IS NULL $$;

CREATE FUNCTION kiosk.my_sites() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = kiosk, pg_temp AS
$$ SELECT coalesce(array_agg(site), '{}') FROM memberships WHERE kiosk = my_kiosk() $$;

CREATE FUNCTION kiosk.claim_name(wanted bytea, whose uuid, at_site text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$
DECLARE holder uuid;
BEGIN
    IF my_kiosk() IS NOT NULL AND NOT at_site = ANY(my_sites()) THEN RETURN false; END IF;
    INSERT INTO names (tag, subject, site) VALUES (wanted, whose, at_site)
        ON CONFLICT (tag) DO NOTHING;
    SELECT subject INTO holder FROM names WHERE tag = wanted;
    RETURN holder = whose;
EXCEPTION WHEN unique_violation THEN
    -- This subject has another name, which it gives up if the new one is free.
    IF EXISTS (SELECT 1 FROM names WHERE tag = wanted) THEN RETURN false; END IF;
    UPDATE names SET tag = wanted WHERE subject = whose
        AND (my_kiosk() IS NULL OR site = ANY(my_sites()));
    RETURN FOUND;
END
$$;

CREATE FUNCTION kiosk.name_taken(wanted bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM names WHERE tag = wanted) $$;

CREATE FUNCTION kiosk.release_name(whose uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ DELETE FROM names WHERE subject = whose AND (my_kiosk() IS NULL OR site = ANY(my_sites())) $$;

CREATE FUNCTION kiosk.model_number(kind text, named text, size integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$
DECLARE found integer; have integer;
BEGIN
    INSERT INTO models (modality, model_id, dims) VALUES (kind, named, size)
        ON CONFLICT (modality, model_id) DO NOTHING;
    SELECT model, dims INTO found, have FROM models WHERE modality = kind AND model_id = named;
    IF have <> size THEN RETURN -have; END IF;
    RETURN found;
END
$$;

-- What a kiosk says when it comes, and what it is told. `known` is what it said the last time, and
-- `says_turn` counts: one that says something older was put back from a copy, or is another machine
-- of the same name. A server that knows something older itself was put back from a copy.
CREATE FUNCTION kiosk.hello(
    known uuid, coming uuid, says_turn bigint, says_program text, says_schema integer,
    says_time timestamptz,
    says_waiting integer, says_oldest timestamptz, says_people integer,
    OUT verdict text, OUT version integer, OUT privacy text, OUT skew double precision,
    OUT ring integer, OUT epoch integer, OUT fleet uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$
DECLARE me kiosks%ROWTYPE;
BEGIN
    SELECT f.version, f.privacy, f.epoch, f.fleet INTO version, privacy, epoch, fleet FROM fleet f;
    SELECT * INTO me FROM kiosks WHERE role = session_user FOR UPDATE;
    skew := extract(epoch FROM says_time - clock_timestamp());
    IF NOT FOUND THEN verdict := 'stranger'; RETURN; END IF;
    ring := me.ring;
    IF me.revoked IS NOT NULL THEN verdict := 'revoked'; RETURN; END IF;
    IF me.left_at IS NOT NULL THEN verdict := 'left'; RETURN; END IF;
    IF me.token IS NOT NULL AND me.turn >= says_turn - 1
        AND NOT (me.turn = says_turn - 1 AND me.token = known)
        AND NOT (me.turn = says_turn AND me.token = coming)
    THEN
        verdict := 'other'; RETURN;
    END IF;
    UPDATE kiosks SET token = coming, turn = says_turn, contact = clock_timestamp(),
        program = says_program, schema = says_schema, skew = hello.skew,
        waiting = says_waiting, oldest = says_oldest,
        people = says_people, joined = coalesce(joined, clock_timestamp())
        WHERE kiosk = me.kiosk;
    verdict := 'welcome';
END
$$;

CREATE FUNCTION kiosk.resume(coming uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ UPDATE kiosks SET token = coming, turn = turn + 1 WHERE kiosk = my_kiosk() RETURNING turn $$;

CREATE FUNCTION kiosk.introduce(own_key bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ UPDATE kiosks SET public_key = own_key WHERE kiosk = my_kiosk() $$;

-- Whoever leaves may call nothing any more: to functions it would look like the owner.
CREATE FUNCTION kiosk.leave() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$
BEGIN
    IF my_kiosk() IS NULL THEN RETURN; END IF;
    UPDATE kiosks SET left_at = clock_timestamp(), token = NULL WHERE kiosk = my_kiosk();
    EXECUTE format('REVOKE %I FROM %I', (SELECT members FROM fleet), session_user);
END
$$;

CREATE FUNCTION kiosk.confirm_destroyed() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ UPDATE kiosks SET destroyed = coalesce(destroyed, clock_timestamp())
   WHERE role = session_user AND revoked IS NOT NULL $$;

CREATE FUNCTION kiosk.new_keys(after integer) RETURNS TABLE (epoch integer, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ SELECT w.epoch, w.wrapped FROM key_wraps w WHERE w.kiosk = my_kiosk() AND w.epoch > after
   ORDER BY w.epoch $$;

-- A kiosk has everything up to here, on its own disk; what it deleted is put on record.
CREATE FUNCTION kiosk.confirm(at_site text, up_to bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$
DECLARE me uuid := my_kiosk(); was bigint;
BEGIN
    SELECT confirmed INTO was FROM memberships WHERE kiosk = me AND site = at_site FOR UPDATE;
    IF NOT FOUND OR up_to > (SELECT head FROM sites WHERE site = at_site) THEN RETURN; END IF;
    INSERT INTO receipts (kiosk, site, seq, act, subject)
        SELECT me, at_site, c.seq, c.act, c.subject FROM changes c
        WHERE c.site = at_site AND c.seq > was AND c.seq <= up_to
            AND c.act IN ('remove', 'withdraw', 'merge')
        ON CONFLICT DO NOTHING;
    UPDATE memberships SET confirmed = up_to, confirmed_at = clock_timestamp()
        WHERE kiosk = me AND site = at_site;
END
$$;

CREATE FUNCTION kiosk.make_site(named text) RETURNS void
LANGUAGE plpgsql SET search_path = kiosk, pg_temp AS
$$
DECLARE parent text;
BEGIN
    INSERT INTO kiosk.sites (site) VALUES (named);
    FOREACH parent IN ARRAY
        ARRAY['subjects', 'enrolments', 'templates', 'consents', 'changes', 'centroids']
    LOOP
        EXECUTE format('CREATE TABLE kiosk.%I PARTITION OF kiosk.%I FOR VALUES IN (%L)',
            parent || '_' || left(md5(named), 12), parent, named);
    END LOOP;
END
$$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kiosk FROM PUBLIC;
"""

_RUNNING = """
-- The record of each kiosk without its facts: their hashes alone, in a chain.
CREATE TABLE kiosk.audit_lines (
    kiosk uuid NOT NULL REFERENCES kiosk.kiosks ON DELETE CASCADE,
    line bigint NOT NULL,
    time text NOT NULL,
    act text NOT NULL,
    digest text NOT NULL,
    link text NOT NULL,
    gathered timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kiosk, line)
);
-- Settings that kiosks of a ring up to `ring` are to have; a later row goes before an earlier one.
CREATE TABLE kiosk.rollouts (
    rollout integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    settings jsonb NOT NULL,
    ring integer NOT NULL,
    begun timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE kiosk.rollout_results (
    kiosk uuid NOT NULL REFERENCES kiosk.kiosks ON DELETE CASCADE,
    rollout integer NOT NULL REFERENCES kiosk.rollouts ON DELETE CASCADE,
    problem text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kiosk, rollout)
);

CREATE FUNCTION kiosk.gathered() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = kiosk, pg_temp AS
$$ SELECT coalesce(max(line), 0) FROM audit_lines WHERE kiosk = my_kiosk() $$;

CREATE FUNCTION kiosk.gather(numbers bigint[], times text[], acts text[], digests text[],
    links text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ INSERT INTO audit_lines (kiosk, line, time, act, digest, link)
   SELECT my_kiosk(), n, t, a, d, l FROM unnest(numbers, times, acts, digests, links)
       AS u(n, t, a, d, l) WHERE my_kiosk() IS NOT NULL ON CONFLICT DO NOTHING $$;

CREATE FUNCTION kiosk.my_rollouts() RETURNS TABLE (rollout integer, settings jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ SELECT r.rollout, r.settings FROM rollouts r JOIN kiosks k ON k.kiosk = my_kiosk()
   WHERE k.ring <= r.ring AND NOT EXISTS (SELECT 1 FROM rollout_results d
       WHERE d.kiosk = k.kiosk AND d.rollout = r.rollout) ORDER BY r.rollout $$;

CREATE FUNCTION kiosk.rolled_out(which integer, what_is_wrong text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ INSERT INTO rollout_results (kiosk, rollout, problem)
   SELECT my_kiosk(), which, what_is_wrong WHERE my_kiosk() IS NOT NULL ON CONFLICT DO NOTHING $$;

CREATE FUNCTION kiosk.overview() RETURNS TABLE (kiosk uuid, name text, sites text[], ring integer,
    program text, joined timestamptz, contact timestamptz, skew double precision, waiting integer,
    oldest timestamptz, people integer, behind bigint, unconfirmed bigint, left_at timestamptz,
    revoked timestamptz, destroyed timestamptz, unconfirmed_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ SELECT k.kiosk, k.name, array_agg(m.site ORDER BY m.site), k.ring, k.program, k.joined,
       k.contact, k.skew, k.waiting, k.oldest, k.people,
       coalesce(sum(s.head - m.confirmed), 0)::bigint,
       coalesce(sum(o.count), 0)::bigint, k.left_at, k.revoked, k.destroyed, min(o.since)
   FROM kiosks k JOIN memberships m ON m.kiosk = k.kiosk JOIN sites s ON s.site = m.site
       CROSS JOIN LATERAL (SELECT count(*) AS count, min(c.at) AS since FROM changes c
           WHERE c.site = m.site AND c.seq > m.confirmed AND c.act IN ('remove', 'withdraw')) o
   WHERE my_kiosk() IS NULL OR m.site = ANY(my_sites())
   GROUP BY k.kiosk ORDER BY k.name $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kiosk FROM PUBLIC;
"""

_HEALTH = """
-- How a kiosk says it is itself: green, amber or red, empty where it does not know; and when it was
-- started, by this clock.
ALTER TABLE kiosk.kiosks ADD COLUMN light text NOT NULL DEFAULT '' CHECK
    (light IN ('', 'green', 'amber', 'red')), ADD COLUMN started timestamptz;

CREATE FUNCTION kiosk.show(says_light text, says_running double precision) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ UPDATE kiosks SET light = says_light,
       started = clock_timestamp() - make_interval(secs => says_running)
   WHERE kiosk = my_kiosk() $$;

DROP FUNCTION kiosk.overview();
CREATE FUNCTION kiosk.overview() RETURNS TABLE (kiosk uuid, name text, sites text[], ring integer,
    program text, joined timestamptz, contact timestamptz, skew double precision, waiting integer,
    oldest timestamptz, people integer, behind bigint, unconfirmed bigint, left_at timestamptz,
    revoked timestamptz, destroyed timestamptz, unconfirmed_since timestamptz, light text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kiosk, pg_temp AS
$$ SELECT k.kiosk, k.name, array_agg(m.site ORDER BY m.site), k.ring, k.program, k.joined,
       k.contact, k.skew, k.waiting, k.oldest, k.people,
       coalesce(sum(s.head - m.confirmed), 0)::bigint,
       coalesce(sum(o.count), 0)::bigint, k.left_at, k.revoked, k.destroyed, min(o.since),
       k.light
   FROM kiosks k JOIN memberships m ON m.kiosk = k.kiosk JOIN sites s ON s.site = m.site
       CROSS JOIN LATERAL (SELECT count(*) AS count, min(c.at) AS since FROM changes c
           WHERE c.site = m.site AND c.seq > m.confirmed AND c.act IN ('remove', 'withdraw')) o
   WHERE my_kiosk() IS NULL OR m.site = ANY(my_sites())
   GROUP BY k.kiosk ORDER BY k.name $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kiosk FROM PUBLIC;
"""

_BY_SITE = (
    "subjects",
    "enrolments",
    "templates",
    "consents",
    "centroids",
    "changes",
    "operations",
    "removed",
    "decisions",
    "probes",
    "names",
)
"""Tables of which a kiosk sees the rows of its sites."""
_CHANGED = {
    **dict.fromkeys(_BY_SITE, "SELECT, INSERT, UPDATE, DELETE"),
    # What was kept once stays: a kiosk adds to these alone.
    **dict.fromkeys(("changes", "operations", "removed"), "SELECT, INSERT"),
    # Changed by functions alone, which see to it that a name is one person's in the whole fleet.
    "names": "SELECT",
}
HELLO = "hello(uuid, uuid, bigint, text, integer, timestamptz, integer, timestamptz, integer)"
DESTROYED = "confirm_destroyed()"
"""What a kiosk that was put out may still say."""
_FOR_KIOSKS = (
    "my_kiosk()",
    "my_sites()",
    "claim_name(bytea, uuid, text)",
    "name_taken(bytea)",
    "release_name(uuid)",
    "model_number(text, text, integer)",
    HELLO,
    "resume(uuid)",
    "introduce(bytea)",
    "leave()",
    DESTROYED,
    "new_keys(integer)",
    "confirm(text, bigint)",
    "gathered()",
    "gather(bigint[], text[], text[], text[], text[])",
    "my_rollouts()",
    "rolled_out(integer, text)",
    "show(text, double precision)",
    "overview()",
)
"""Functions that a kiosk may call."""

STEPS: tuple[str, ...] = (
    _PEOPLE + _DECISIONS + _FUNCTIONS,
    _RUNNING,
    _HEALTH,
)


def rights(members: str) -> str:
    """What the role `members`, of which every kiosk's role is one, may do. Said anew after every
    step; `members` is quoted already."""
    lines = [
        f"GRANT USAGE ON SCHEMA kiosk TO {members}",
        f"GRANT SELECT ON kiosk.fleet, kiosk.models TO {members}",
        f"GRANT USAGE ON kiosk.numbers, kiosk.decision_numbers TO {members}",
        f"GRANT SELECT, UPDATE (head) ON kiosk.sites TO {members}",
        f"GRANT SELECT, INSERT, UPDATE ON kiosk.retention TO {members}",
        "ALTER TABLE kiosk.sites ENABLE ROW LEVEL SECURITY",
        "DROP POLICY IF EXISTS own_sites ON kiosk.sites",
        _policy("sites", members),
    ]
    for table in _BY_SITE:
        lines += [
            f"GRANT {_CHANGED[table]} ON kiosk.{table} TO {members}",
            f"ALTER TABLE kiosk.{table} ENABLE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS own_sites ON kiosk.{table}",
            _policy(table, members),
        ]
    lines += [f"GRANT EXECUTE ON FUNCTION kiosk.{each} TO {members}" for each in _FOR_KIOSKS]
    return ";\n".join(lines)


def _policy(table: str, members: str) -> str:
    return (
        f"CREATE POLICY own_sites ON kiosk.{table} TO {members} "
        "USING (site = ANY ((SELECT kiosk.my_sites())::text[]))"
    )
