# Runs inside a session: counts to COUNT, pausing 50 ms every BURST lines, and ends with STATUS. What it prints is known beforehand.
# usage: counter.sh FIFO-NOBODY-WRITES COUNT BURST STATUS
exec 3<>"$1"
for ((i = 1; i <= $2; i++)); do
	printf '%08d the quick brown fox jumps over the lazy dog\n' "$i"
	((i % $3)) || read -rt 0.05 -u 3
done
exit "$4"
