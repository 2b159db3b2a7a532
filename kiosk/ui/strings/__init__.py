"""What the screens say, in Korean and English."""
