# Runs inside a session: prints a file for ever.
while :; do cat "$1"; done
