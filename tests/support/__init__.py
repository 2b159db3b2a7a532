"""What tests share: recordings, scripted parts, galleries, windows."""
