"""The mentors' and mentees' sheets: checked, exported, edited and uploaded."""
