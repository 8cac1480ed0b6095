# Runs inside a session: gives every byte back as it came.
stty raw -echo
printf 'ready for keys'
exec cat
