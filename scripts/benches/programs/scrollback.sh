# Runs inside a session: 5,000 coloured lines, then the line that tells that a painting is complete.
stty -echo
for ((i = 1; i <= 5000; i++)); do
	printf '\033[32m%05d\033[0m compiled \033[1msrc/module_%d.ts\033[0m in %d ms\n' "$i" "$((i * 7919 % 10007))" "$((i % 97))"
done
printf 'painted-to-the-end'
exec sleep 1000
