# Shell integration for zsh 5.3 and later, as .zshenv of a folder that ZDOTDIR names. It gives ZDOTDIR back before anything else, so
# that zsh reads the user's files, the user's .zshenv here, and adds its hooks at the first prompt, when all of them have run.
#
# Who tells the terminal what (the marks: shell/marks.ts):
#   first of precmd   the command's end and exit status          last of precmd   the prompt's start
#   PS1, PS2          the prompt's end; a continuation prompt    last of preexec  the command line, and the start of its output
#
# zsh gives every hook the command's $? and undoes `emulate -L` when it returns. Functions are defined before the user's files run:
# no alias can get into them. What they say goes to the terminal, wherever stdout and stderr lead, and `set -x` does not show them.

if (( ${+BERTH_ZDOTDIR} )); then
	builtin export ZDOTDIR="$BERTH_ZDOTDIR"
	builtin unset BERTH_ZDOTDIR
else
	builtin unset ZDOTDIR
fi

if [[ -o interactive && -s ${${(%):-%x}:A:h:h}/nonce ]]; then
	builtin typeset -g __berth_dir=${${(%):-%x}:A:h:h} __berth_nonce=
	# The nonce is read once, and its file emptied, before any of the user's code runs.
	IFS= builtin read -r __berth_nonce <$__berth_dir/nonce
	: >|$__berth_dir/nonce
	builtin typeset -g +x __berth_dir __berth_nonce
	builtin typeset -gi __berth_seq=0   # counts prompts; a command carries the number of the prompt it was typed at
	builtin typeset -gi __berth_ran=0   # a command was read at this prompt
	builtin typeset -gi __berth_told=0  # the end has been told before the hooks of precmd
	builtin typeset -gi __berth_unran=0 # status of a run of which nothing ran
	builtin typeset -gi __berth_swapped=0 # histchars is ours for a run's text
	builtin typeset -gi __berth_point=0 # where the cursor stood in what the user had typed when a run took the line
	builtin typeset -g __berth_run= __berth_typed= __berth_text= __berth_histchars=

	__berth_mark() {
		builtin printf '\e]133;%s;berth=%s:%d\a' "$1" "$__berth_nonce" "$__berth_seq"
	}

	# $1 → __berth_text, as OSC 633 wants values: backslash doubled, semicolon and control characters as \xHH, at most 4096 bytes.
	__berth_escape() {
		builtin emulate -L zsh
		builtin local LC_ALL=C char
		builtin local -i code
		__berth_text=${1[1,4096]//\\/\\\\}
		__berth_text=${__berth_text//;/\\x3b}
		[[ $__berth_text == *[[:cntrl:]]* ]] || builtin return 0
		for code in {1..31} 127; do
			builtin printf -v char "\\x%02x" $code
			__berth_text=${__berth_text//${(g::)char}/$char}
		done
	}

	# First of precmd.
	__berth_end() {
		{
			builtin local -i __berth_status=$?
			(( __berth_told )) && { __berth_told=0; builtin return 0 }
			(( __berth_swapped )) && { __berth_swapped=0; histchars=$__berth_histchars }
			# What zsh has just printed after output without a line end; it counts as output to nobody.
			builtin local __berth_eol=
			[[ -o prompt_sp && -o prompt_cr ]] && __berth_eol=${(%%)PROMPT_EOL_MARK-%B%S%#%s%b}
			builtin emulate -L zsh
			builtin setopt no_xtrace no_err_exit
			# Called by a widget: the editor is open, no command has ended.
			builtin zle && builtin return 0
			__berth_escape "$PWD"
			builtin printf '\e]633;P;Cwd=%s;%s\a' "$__berth_text" "$__berth_nonce" >$TTY
			if (( __berth_ran )) || [[ -n $__berth_run ]]; then
				builtin local LC_ALL=C char hex=
				# A run that reached no preexec held nothing to run, or what zsh could not parse; $? is that of the command before.
				(( __berth_ran )) || __berth_status=$__berth_unran
				for char in ${(s::)__berth_eol}; do builtin printf -v hex '%s%02x' "$hex" "'$char"; done
				__berth_mark "D;$__berth_status;eol=$hex" >$TTY
			fi
			(( __berth_seq += 1 ))
			__berth_ran=0 __berth_run=
		} 2>/dev/null
	}

	# Last of precmd: a theme has set its prompts by now.
	__berth_prompt() {
		{
			builtin emulate -L zsh
			builtin setopt no_xtrace no_err_exit
			builtin zle && builtin return 0
			if [[ ${PS1-} != *$'\e]133;B\a'* ]]; then PS1=${PS1-}$'%{\e]133;B\a%}'; fi
			if [[ ${PS2-} != *$'\e]133;A;k=s'* ]]; then
				builtin local nonce=$__berth_nonce
				# Where a child would inherit it there is no nonce.
				[[ ${(t)PS2} == *export* ]] && nonce=
				PS2=$'%{\e]133;A;k=s;berth='$nonce$'\a%}'${PS2-}
			fi
			__berth_arrange
			__berth_mark A >$TTY
		} 2>/dev/null
	}

	# Others add themselves around ours as time goes by.
	__berth_arrange() {
		if [[ ${precmd_functions[1]-} != __berth_end || ${precmd_functions[-1]-} != __berth_prompt ]]; then
			builtin typeset -ga precmd_functions
			precmd_functions=(__berth_end ${precmd_functions:#(precmd|__berth_(end|prompt|init))} __berth_prompt)
		fi
		if [[ ${preexec_functions[-1]-} != __berth_start ]]; then
			builtin typeset -ga preexec_functions
			preexec_functions=(${preexec_functions:#__berth_start} __berth_start)
		fi
	}

	# Last of preexec: $1 is the line as typed, $3 what will run. Of a run the holder knows the command line.
	__berth_start() {
		{
			(( __berth_swapped )) && { __berth_swapped=0; histchars=$__berth_histchars }
			builtin emulate -L zsh
			builtin setopt no_xtrace no_err_exit
			__berth_ran=1
			__berth_arrange
			# zsh calls a function named precmd before the array of hooks. Until the command has ended, it is one that tells the end
			# first, so that nothing it prints counts as the command's output.
			if (( ${+functions[precmd]} )) && [[ $functions[precmd] != *(autoload -X|__berth_)* ]]; then
				functions[__berth_precmd]=$functions[precmd]
				functions[precmd]='{ __berth_give_back } 2>/dev/null'
			fi
			if [[ -z $__berth_run ]]; then
				__berth_escape "${1:-$3}"
				builtin printf '\e]633;E;%s;%s\a' "$__berth_text" "$__berth_nonce" >$TTY
			fi
			__berth_mark C >$TTY
		} 2>/dev/null
	}

	# In place of the user's precmd, which is put back and called as the first of the array, so that it finds $? and pipestatus.
	__berth_give_back() {
		{
			builtin local -i __berth_status=$?
			builtin emulate -L zsh
			builtin setopt no_xtrace no_err_exit
			functions[precmd]=$functions[__berth_precmd]
			builtin unfunction __berth_precmd
			precmd_functions=(precmd $precmd_functions)
			__berth_return $__berth_status
			__berth_end
			__berth_told=1
		} 2>/dev/null
	}

	__berth_return() { builtin return $1 }

	# The holder's key: the line becomes the text of the file `run`, exactly, and is accepted. Without that file the line is emptied, so
	# that a half-typed line is never executed.
	__berth_take() {
		{
			builtin local text= char=
			builtin local -i bang=0 comments=0
			[[ -o bang_hist ]] && bang=1
			[[ -o interactive_comments ]] && comments=1
			builtin emulate -L zsh
			builtin setopt no_xtrace no_err_exit
			text=$(<$__berth_dir/run)
			__berth_typed=$BUFFER __berth_point=$CURSOR
			__berth_run=${text%%$'\n'*}
			text=${${text#*$'\n'}%.}
			if (( bang )) && [[ $text == *[\!\^]* ]]; then
				# The option was asked for before the editor started: swap the characters that mean history expansion for one that
				# the text does not hold.
				__berth_swapped=1 __berth_histchars=$histchars
				for char in $'\x01' $'\x02' $'\x03' $'\x04'; do
					[[ $text == *$char* ]] || builtin break
				done
				histchars=$char$char${histchars[3]:-#}
			fi
			__berth_unran=1
			(( comments )) && [[ ${text##[[:space:]]*} == \#* ]] && __berth_unran=0
			POSTDISPLAY=
			BUFFER=$text
			CURSOR=$#BUFFER
			builtin printf '\e]633;P;BerthRun=%s:%s:%d\a' "$__berth_nonce" "$__berth_run" "$(( $#__berth_typed > 0 ))" >$TTY
		} 2>/dev/null
		builtin zle .accept-line
	}

	# The holder's key after the run: what the user had typed comes back.
	__berth_put_back() {
		BUFFER=$__berth_typed CURSOR=$__berth_point __berth_typed=
	}

	# At the first prompt. As the function precmd it runs before zsh reads the array of hooks; a precmd of the user's takes that
	# place, and then it is called from the array, of which zsh has a copy by then.
	__berth_init() {
		{
			builtin emulate -L zsh
			builtin setopt no_xtrace no_err_exit
			(( ${+functions[__berth_init]} )) || builtin return 0
			builtin local map from_array=1
			[[ ${functions[precmd]-} == *__berth_init* ]] && { builtin unfunction precmd; from_array=0 }
			builtin zle -N __berth_take
			builtin zle -N __berth_put_back
			# A control character that no key sends and that a search does not take for text. The holder sends it twice: a half-typed
			# key sequence may eat the first.
			for map in emacs viins vicmd; do
				builtin bindkey -M $map '^^r' __berth_take '^^^^r' __berth_take '^^b' __berth_put_back '^^^^b' __berth_put_back
			done
			__berth_arrange
			(( from_array )) && { __berth_end; __berth_prompt }
		} 2>/dev/null
	}
	precmd() { __berth_init }
	builtin typeset -ga precmd_functions
	precmd_functions+=(__berth_init)
fi

if [[ -r ${ZDOTDIR-$HOME}/.zshenv ]]; then
	builtin source "${ZDOTDIR-$HOME}/.zshenv"
fi
