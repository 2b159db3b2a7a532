"""The page of the attendance: who was here on a day, put right with a reason."""
