# Shell integration for bash 4.4 and later. The holder starts bash with this file in place of ~/.bashrc (--rcfile), or as $ENV of a
# login shell in POSIX mode; it runs the start-up files that bash would have run, then adds its hooks.
#
# Who tells the terminal what (the marks: shell/marks.ts):
#   PROMPT_COMMAND  first: the command's end and exit status; last: the prompt's start
#   PS1, PS2        the prompt's end; the start of a continuation prompt
#   PS0             the command line, and the start of its output
# No DEBUG trap is set. When the user has one, nothing of ours runs after the user's own PROMPT_COMMAND, since timers take the first
# command after it for the user's; bash-preexec, which many tools bring along, is asked by its own means.
#
# Every hook is blind to set -a, -e, -u and -x and writes to the terminal, whatever stdout and stderr are. bash itself keeps $?, $_ and
# PIPESTATUS between the elements of PROMPT_COMMAND, and walks a copy of it: it may be changed from within. Functions are defined before the user's files run: no alias can get into them.

__berth_dir=${BASH_SOURCE[0]%/*}
__berth_nonce=
# The nonce is read once, and its file emptied, before any of the user's code runs. `export -n`: allexport may be on already.
if [[ -s $__berth_dir/nonce ]]; then
	IFS= builtin read -r __berth_nonce <"$__berth_dir/nonce"
	builtin : >|"$__berth_dir/nonce"
fi
builtin export -n __berth_dir __berth_nonce

__berth_seq=0     # counts prompts; a command carries the number of the prompt it was typed at
__berth_mode=array # how the hooks are in PROMPT_COMMAND: array, string, or preexec (bash-preexec calls them)
__berth_at=start  # start; ended: the last command's end has been told; prompt: and the prompt's start
__berth_ran=(0)   # PS0 sets it: a command was read at this prompt; an array, which allexport cannot export
__berth_shows=(0) # counts the prompts that were shown, in PS1
__berth_run=      # id of the run that the holder typed at this prompt
__berth_none=     # stays empty: PS0 sets __berth_ran inside its expansion
__berth_typed=    # what the user had typed when a run took the line, and where the cursor stood
__berth_point=0
__berth_swapped=0 # histchars is ours for the length of one run
__berth_history=0 # history number at the last prompt

# Elements of PROMPT_COMMAND; they are parsed when the user's aliases exist, hence the backslash. $? is taken before the substitution
# that asks for the user's DEBUG trap, which a function does not see.
__berth_first='{ __berth_before "$?" "$(\builtin trap -p DEBUG)"; } &>/dev/null'
__berth_last='{ __berth_after "$?"; } &>/dev/null'
__berth_once='{ __berth_install "$?" "$(\builtin trap -p DEBUG)"; } &>/dev/null'
# In one string, for bash 4.4 and 5.0 and for a PROMPT_COMMAND that is exported (arrays cannot be). A child that inherits it has no
# __berth_dir. Here the user's part sees $?, not $_ and PIPESTATUS.
__berth_lines='__berth_status=$?
[[ -z ${__berth_dir-} ]] || { __berth_before "$__berth_status" "$(\builtin trap -p DEBUG)"; } &>/dev/null
[[ $- == *e* ]] || (\builtin exit "$__berth_status")
'
__berth_lines_end='
[[ -z ${__berth_dir-} ]] || { __berth_after "$__berth_status"; } &>/dev/null'
# PS0: behind the user's, as part of what bash prints; without one, straight to the terminal.
__berth_ps0='${__berth_none:$((__berth_ran[0]=1,0)):0}$({ __berth_start; } >/dev/tty 2>/dev/null)'
__berth_ps0_behind='${__berth_none:$((__berth_ran[0]=1,0)):0}$({ __berth_start; } 2>/dev/null)'

__berth_mark() {
	builtin printf '\e]133;%s;berth=%s:%s\a' "$1" "$__berth_nonce" "$__berth_seq"
}

# $1 → __berth_text, as OSC 633 wants values: backslash doubled, semicolon and control characters as \xHH, at most 4096 bytes.
__berth_escape() {
	builtin local LC_ALL=C bs='\' char code
	__berth_text=${1:0:4096}
	__berth_text=${__berth_text//"$bs"/"$bs$bs"}
	__berth_text=${__berth_text//;/"${bs}x3b"}
	if [[ $__berth_text == *[[:cntrl:]]* ]]; then
		for code in 0{1..9} 0{a..f} 1{0..9} 1{a..f} 7f; do
			builtin printf -v char "\\x$code"
			__berth_text=${__berth_text//"$char"/"${bs}x$code"}
		done
	fi
}

# First in PROMPT_COMMAND: $1 the command's status, $2 the user's DEBUG trap.
__berth_before() {
	builtin local -
	builtin set +aeux
	__berth_end "$1"
	if [[ -n $2 ]]; then __berth_decorate; fi
	builtin return 0
}

# Last in PROMPT_COMMAND: $1 the command's status, for when the user's code has pushed the first hook out.
__berth_after() {
	builtin local -
	builtin set +aeux
	if [[ $__berth_at != ended ]]; then __berth_end "$1"; fi
	__berth_arrange
	__berth_decorate
	builtin return 0
}

# First of bash-preexec's precmd_functions.
__berth_precmd() {
	__berth_before "$?" preexec
}

# Here and below the redirection of a function is that of each call.
__berth_end() {
	if ((__berth_swapped)); then
		__berth_swapped=0
		if [[ -n ${__berth_histchars+set} ]]; then histchars=$__berth_histchars; else builtin unset histchars; fi
	fi
	__berth_escape "$PWD"
	builtin printf '\e]633;P;Cwd=%s;%s\a' "$__berth_text" "$__berth_nonce"
	if ((__berth_ran)) || [[ -n $__berth_run ]]; then __berth_mark "D;$1"; fi
	((__berth_seq += 1))
	__berth_at=ended __berth_ran[0]=0 __berth_run= __berth_history=$HISTCMD
} >/dev/tty

# The prompt's start, and marks in the user's prompts as they are now: a theme may have set them anew.
__berth_decorate() {
	__berth_at=prompt
	if ! builtin shopt -q promptvars; then
		# PS0 is shown as it stands, and a command that starts cannot be told: neither is the prompt.
		PS0=${PS0/"$__berth_ps0"/}
		PS0=${PS0/"$__berth_ps0_behind"/}
		builtin return 0
	fi
	# The nonce stands where no child inherits it; what an exported prompt shows is believed less.
	if [[ ${PS1-} != *'\e]133;B'* ]]; then
		if [[ ${PS1@a} == *x* ]]; then
			PS1=${PS1-}'\[\e]133;B\a\]'
		else
			PS1=${PS1-}'\[\e]133;B;berth='$__berth_nonce':$((__berth_shows[0]+=1))\a\]'
		fi
	fi
	if [[ ${PS2-} != *'\e]133;A;k=s'* ]]; then
		PS2='\[\e]133;A;k=s;berth='$__berth_nonce'\a\]'${PS2-}
		if [[ ${PS2@a} == *x* ]]; then PS2=${PS2/"$__berth_nonce"/}; fi
	fi
	if [[ -z ${PS0-} ]]; then PS0=$__berth_ps0; fi
	if [[ $PS0 != *__berth_start* ]]; then PS0+=$__berth_ps0_behind; fi
	__berth_mark A
} >/dev/tty

# Inside PS0, in a subshell: the command line and the start of its output. Of a run the holder knows the command line.
__berth_start() {
	builtin set +aeux
	if [[ -z $__berth_run ]]; then
		builtin local line=
		# A line that history did not take leaves the one before it on top: rather nothing than that one.
		if [[ $HISTCMD != "$__berth_history" || :${HISTCONTROL-}: != *:ignore@(space|both):* ]]; then
			line=$(HISTTIMEFORMAT= builtin history 1)
			if [[ $line =~ ^\ *[0-9]+[*\ ]\  ]]; then line=${line:${#BASH_REMATCH[0]}}; fi
		fi
		__berth_escape "$line"
		builtin printf '\e]633;E;%s;%s\a' "$__berth_text" "$__berth_nonce"
	fi
	__berth_mark C
}

# Puts our hooks back around the user's.
__berth_arrange() {
	builtin local head="${PROMPT_COMMAND[0]-}" at="${PROMPT_COMMAND[1]-}"
	if [[ $__berth_mode == preexec ]]; then
		if [[ ${precmd_functions[0]-} != __berth_precmd ]]; then precmd_functions=(__berth_precmd "${precmd_functions[@]}"); fi
	elif [[ $__berth_mode == string ]]; then
		if [[ $head != "$__berth_lines"* ]]; then PROMPT_COMMAND=$__berth_lines$head$__berth_lines_end; fi
	elif [[ ${PROMPT_COMMAND[*]-} != *"$__berth_last"* ]]; then
		# A new array of the user's, or none.
		PROMPT_COMMAND=("$__berth_first" "${PROMPT_COMMAND[@]}" "$__berth_last")
	elif [[ $head != "$__berth_first" ]]; then
		# A string assigned to the array went into its first element, in place of the user's own, which is the second now.
		if [[ $at == "$__berth_last" ]]; then at=; fi
		if [[ $head == *"$__berth_first"* ]]; then
			# "x; $PROMPT_COMMAND" read our element where it meant the user's.
			if [[ -z $at || ${head/"$__berth_first"/} == *"$at"* ]]; then at=:; fi
			head=${head/"$__berth_first"/"$at"}
		fi
		if [[ ${PROMPT_COMMAND[1]} == "$__berth_last" ]]; then
			PROMPT_COMMAND=("$__berth_first" "$head" "$__berth_last")
		else
			PROMPT_COMMAND=("$__berth_first" "$head" "${PROMPT_COMMAND[@]:2}")
		fi
	fi
}

# Runs once, after the user's own PROMPT_COMMAND ran for the first time: what installs itself there (bash-preexec) is in place by now.
# $1: the command's status, $2: the user's DEBUG trap.
__berth_install() {
	builtin local - element
	builtin local -a mine
	builtin set +aeux
	for element in "${PROMPT_COMMAND[@]}"; do
		if [[ $element != "$__berth_once" ]]; then mine+=("$element"); fi
	done
	if builtin declare -F __bp_precmd_invoke_cmd; then
		__berth_mode=preexec
		PROMPT_COMMAND=("${mine[@]}")
		__berth_arrange
	elif [[ -n $2 ]]; then
		PROMPT_COMMAND=("$__berth_first" "${mine[@]}")
	else
		PROMPT_COMMAND=("$__berth_first" "${mine[@]}" "$__berth_last")
	fi
	__berth_end "$1"
	__berth_decorate
	builtin return 0
}

# The holder's key: the line becomes the text of the file `run`, exactly; accept-line follows in the same macro. Without that file the
# line is emptied, so that a half-typed line is never executed.
__berth_load() {
	builtin local - text= id= char
	builtin set +aeux
	__berth_typed=$READLINE_LINE __berth_point=$READLINE_POINT
	{
		IFS= builtin read -r id
		IFS= builtin read -r -d '' text
	} <"$__berth_dir/run"
	__berth_run=$id
	text=${text%.}
	if [[ ${PROMPT_COMMAND[*]-} != *__berth_before* || $__berth_mode == preexec ]]; then __berth_arrange; fi
	if [[ -o histexpand && $text == *[\!\^]* ]]; then
		# No history expansion in this line: the characters that mean it are swapped for one that the text does not hold.
		if [[ -n ${histchars+set} ]]; then __berth_histchars=$histchars; else builtin unset __berth_histchars; fi
		for char in $'\x01' $'\x02' $'\x03' $'\x04'; do
			if [[ $text != *"$char"* ]]; then builtin break; fi
		done
		__berth_swapped=1
		histchars=$char$char#
	fi
	READLINE_LINE=$text
	READLINE_POINT=${#text}
	builtin printf '\e]633;P;BerthRun=%s:%s:%s\a' "$__berth_nonce" "$id" "$((${#__berth_typed} > 0))"
} >/dev/tty

# The holder's key after the run: what the user had typed comes back.
__berth_restore() {
	READLINE_LINE=$__berth_typed READLINE_POINT=$__berth_point __berth_typed=
}

# $1: the user's DEBUG trap.
__berth_setup() {
	builtin local - map
	builtin set +aeux
	[[ $- == *i* && -n $__berth_nonce ]] || builtin return 0
	((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || builtin return 0
	# A control character that no key sends and that a search does not take for text. The holder sends it twice: a half-typed key
	# sequence may eat the first.
	for map in emacs vi-insert vi-command; do
		builtin bind -m $map -x '"\036\037l": { __berth_load; } &>/dev/null'
		builtin bind -m $map -x '"\036\037b": { __berth_restore; } 2>/dev/null'
		builtin bind -m $map '"\036\037a": accept-line'
		builtin bind -m $map '"\036r": "\036\037l\036\037a"'
		builtin bind -m $map '"\036\036r": "\036\037l\036\037a"'
		builtin bind -m $map '"\036b": "\036\037b"'
		builtin bind -m $map '"\036\036b": "\036\037b"'
	done
	if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)) || [[ ${PROMPT_COMMAND@a} == *x* ]]; then __berth_mode=string; fi
	if [[ $__berth_mode == string || -z ${PROMPT_COMMAND[*]-} ]]; then
		__berth_arrange
	elif [[ -n $1 && ${PROMPT_COMMAND[*]} != *__bp_install* ]]; then
		PROMPT_COMMAND=("$__berth_first" "${PROMPT_COMMAND[@]}")
	else
		PROMPT_COMMAND+=("$__berth_once")
	fi
}

if [[ -n ${BERTH_BASH_LOGIN-} ]]; then
	# --rcfile is nothing to a login shell, so this one was started in POSIX mode, where $ENV is all that bash reads. Undo the mode
	# and what it set, then do as a login shell does.
	builtin unset BERTH_BASH_LOGIN ENV
	if [[ -n ${BERTH_BASH_ENV+set} ]]; then
		builtin export ENV="$BERTH_BASH_ENV"
		builtin unset BERTH_BASH_ENV
	fi
	builtin set +o posix
	builtin shopt -u inherit_errexit
	if [[ ${HISTFILE@a} != *x* ]]; then HISTFILE=~/.bash_history; fi
	if [[ -r /etc/profile ]]; then builtin source /etc/profile; fi
	if [[ -r ~/.bash_profile ]]; then
		builtin source ~/.bash_profile
	elif [[ -r ~/.bash_login ]]; then
		builtin source ~/.bash_login
	elif [[ -r ~/.profile ]]; then
		builtin source ~/.profile
	fi
elif [[ -r ~/.bashrc ]]; then
	builtin source ~/.bashrc
fi
{ __berth_setup "$(\builtin trap -p DEBUG)"; } 2>/dev/null
# What the user's first prompt sees as $_.
\builtin : ""
