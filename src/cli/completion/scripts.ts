/**
 * The completion scripts. Each hands the words up to the cursor to `berth __complete` and shows what comes back: one candidate per line,
 * its description behind a tab; or one line `:files`, `:directories` or `:commands`, which the shell completes itself.
 */
import type { shells } from "../words.ts";

export function completionScript(shell: (typeof shells)[number]): string {
	return { bash, zsh, fish }[shell];
}

/** bash splits words at "="; they are put together again, and candidates are cut to what stands behind it. Works from bash 3.2 on. */
const bash = `# berth completion for bash:  eval "$(berth completion bash)"
_berth() {
	local words=() word joined=0 last value cur i
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=\${COMP_WORDS[i]}
		last=$((\${#words[@]} - 1))
		if ((last >= 0 && joined)) || [[ $word == "=" && last -ge 0 && \${words[last]} == --* ]]; then
			words[last]+=$word
			[[ $word == "=" ]] && joined=1 || joined=0
		else
			words+=("$word")
		fi
	done
	cur=\${words[\${#words[@]} - 1]}
	COMPREPLY=()
	while IFS=$'\\t' read -r value _; do
		case $value in
		:files) compopt -o filenames 2>/dev/null; while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${cur#--*=}"); return ;;
		:directories) compopt -o filenames 2>/dev/null; while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -d -- "\${cur#--*=}"); return ;;
		:commands) while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -c -- "$cur"); return ;;
		esac
		[[ $cur == --*=* ]] && value=\${value#--*=}
		COMPREPLY+=("$value")
	done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _berth berth
`;

const zsh = `#compdef berth
# berth completion for zsh:  eval "$(berth completion zsh)"   or this file as _berth in a folder of $fpath
_berth() {
	local -a lines described
	local line value
	lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
	for line in $lines; do
		case $line in
		:files) compset -P '--*='; _files; return ;;
		:directories) compset -P '--*='; _files -/; return ;;
		:commands) local at=\${words[(i)--]}; shift $at words; ((CURRENT -= at)); _normal; return ;;
		'') ;;
		*)
			value=\${line%%$'\\t'*}
			described+=("\${value//:/\\\\:}\${line:+:\${line#*$'\\t'}}")
			;;
		esac
	done
	((\${#described})) && _describe -V 'berth' described
}
if [[ \${funcstack[1]} == _berth ]]; then
	_berth "$@"
else
	compdef _berth berth
fi
`;

const fish = `# berth completion for fish:  berth completion fish | source
function __berth_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -l lines ($words[1] __complete -- $words[2..] "$current" 2>/dev/null)
	switch "$lines[1]"
		case ':files'
			__fish_complete_path "$current"
		case ':directories'
			__fish_complete_directories "$current"
		case ':commands'
			set -l at (contains -i -- -- $words)
			complete -C (string join ' ' -- (string escape -- $words[(math $at + 1)..]) "$current")
		case '*'
			printf '%s\\n' $lines
	end
end
complete -c berth -f -k -a '(__berth_complete)'
`;
