#!/usr/bin/env python3
"""Reads a reply of /get-online-features and prints the prompt that a message writer is given."""
import json
import sys

user = json.load(sys.stdin)["features"]
print(f"""System: You recommend shows for a streaming service.
User context: segment={user["user_segment"]}, watched {user["watch_count_30d"]} titles in last 30 days, last genre watched: {user["last_genre"]}.
Task: suggest 3 titles in a friendly, short message.""")
