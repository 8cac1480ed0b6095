# Runs inside a session: waits for the word, prints a file, and notes when it began and when the end had been taken in.
# usage: flood.sh GO-FIFO FILE ask|drain RESULT
#
# "ask": the terminal is asked for the cursor's position behind the last byte. Whoever answers has parsed all that came before.
# "drain": nobody answers here, so it waits until the last byte has been read from the terminal (stty(1) drains).
stty -echo -icanon min 1 time 0
read -r _ <"$1"
began=$EPOCHREALTIME
cat "$2"
if [ "$3" = ask ]; then
	printf '\033[6n'
	IFS= read -rs -d R _
else
	stty -echo
fi
ended=$EPOCHREALTIME
printf '%s %s\n' "$began" "$ended" >"$4.part"
mv "$4.part" "$4"
exec sleep 1000
