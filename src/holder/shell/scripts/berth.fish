# Shell integration for fish 3.4 and later, sourced after config.fish (fish -C).
#
# Who tells the terminal what (the marks: shell/marks.ts):
#   fish_prompt (event)   the prompt's start         fish_prompt (function)   the prompt's end
#   fish_preexec          the command line, and the start of its output
#   fish_postexec         the command's end and exit status
#
# fish gives back $status after event handlers. What they say goes to the terminal, wherever stdout leads.

status is-interactive; or exit
set -g __berth_dir (status dirname)
set -g __berth_nonce ''
# The nonce is read once and its file emptied; config.fish has run, so any child it started lives beside a file that is only ours.
read -g __berth_nonce <$__berth_dir/nonce
test -n "$__berth_nonce"; or exit
true >$__berth_dir/nonce
set -g __berth_seq 0 # counts prompts; a command carries the number of the prompt it was typed at
set -g __berth_run '' # id of the run that the holder typed at this prompt
set -g __berth_typed '' # what the user had typed when a run took the line, and where the cursor stood
set -g __berth_point 0

function __berth_mark
	builtin printf '\e]133;%s;berth=%s:%s\a' $argv[1] $__berth_nonce $__berth_seq >/dev/tty
end

# As OSC 633 wants values: backslash doubled, semicolon and line end as \xHH, other control characters left out.
function __berth_escape
	builtin string sub -l 4096 -- $argv[1] | builtin string replace -a '\\' '\\\\' | builtin string replace -a ';' '\\x3b' \
		| builtin string replace -ar '[[:cntrl:]]' '' | builtin string join '\\x0a'
end

function __berth_on_preexec --on-event fish_preexec
	if test -z "$__berth_run"
		builtin printf '\e]633;E;%s;%s\a' (__berth_escape $argv[1] | builtin string collect) $__berth_nonce >/dev/tty
	end
	__berth_mark C
end

function __berth_on_postexec --on-event fish_postexec
	set -l code $status
	builtin printf '\e]633;P;Cwd=%s;%s\a' (__berth_escape $PWD | builtin string collect) $__berth_nonce >/dev/tty
	__berth_mark "D;$code"
	set -g __berth_run ''
end

function __berth_on_prompt --on-event fish_prompt
	# A text that held nothing to run ran nothing.
	if test -n "$__berth_run"
		__berth_mark 'D;0'
		set -g __berth_run ''
	end
	if not functions fish_prompt | builtin string match -q '*__berth_user_prompt*'
		functions -q __berth_user_prompt; and functions -e __berth_user_prompt
		functions -c fish_prompt __berth_user_prompt
		function fish_prompt
			__berth_user_prompt
			builtin printf '\e]133;B\a'
		end
	end
	set -g __berth_seq (math $__berth_seq + 1)
	builtin printf '\e]633;P;Cwd=%s;%s\a' (__berth_escape $PWD | builtin string collect) $__berth_nonce >/dev/tty
	__berth_mark A
end

# The holder's key: the line becomes the text of the file `run`, exactly, and is executed. Without that file the line is emptied, so that a
# half-typed line is never executed.
function __berth_take
	set -g __berth_typed (commandline -b | builtin string collect)
	set -g __berth_point (commandline -C)
	set -l text ''
	builtin read -z text <$__berth_dir/run 2>/dev/null
	set -l parts (builtin string split -m 1 \n -- $text)
	set -g __berth_run $parts[1]
	commandline -r -- (builtin string sub -e -1 -- "$parts[2]" | builtin string collect -N)
	commandline -f end-of-buffer
	# fish would keep a wrong text in its editor, and ask for more of an unfinished one without a word: both are refused here.
	set -l answer 0
	test -n "$__berth_typed"; and set answer 1
	commandline --is-valid
	switch $status
		case 1
			set answer invalid
		case 2
			set answer unfinished
	end
	builtin printf '\e]633;P;BerthRun=%s:%s:%s\a' $__berth_nonce "$__berth_run" $answer >/dev/tty
	if builtin contains $answer 0 1
		commandline -f execute
	else
		set -g __berth_run ''
		__berth_put_back
	end
end

# The holder's key after the run: what the user had typed comes back.
function __berth_put_back
	commandline -r -- $__berth_typed
	commandline -C $__berth_point
	set -g __berth_typed ''
end

# A control character that no key sends. The holder sends it twice: a half-typed key sequence may eat the first.
for mode in default insert visual replace replace_one
	for prefix in \x1e \x1e\x1e
		bind -M $mode "$prefix"r __berth_take
		bind -M $mode "$prefix"b __berth_put_back
	end
end
