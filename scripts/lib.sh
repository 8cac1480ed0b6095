# What `up` and `test` share: setting up what is missing, saying what is done, and doing nothing when nothing is missing.
# Sourced by bash scripts with the repository's root as the working directory.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BUN_VERSION=$(node -p 'require("./package.json").engines.bun')

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() {
	printf 'berth: %s\n' "$*" >&2
	exit 1
}

# Bun comes from npm: the one on PATH when its version is right, else one below .tools.
ensure_bun() {
	if [ "$(bun --version 2>/dev/null || true)" = "$BUN_VERSION" ]; then return; fi
	export PATH="$PWD/.tools/node_modules/.bin:$PATH"
	if [ "$(bun --version 2>/dev/null || true)" = "$BUN_VERSION" ]; then return; fi
	command -v npm >/dev/null || die "npm is needed to install Bun $BUN_VERSION; install Node.js with npm first"
	say "installing Bun $BUN_VERSION into .tools (npm package \"bun\")"
	mkdir -p .tools
	npm install --prefix .tools --no-audit --no-fund --no-save --loglevel=error "bun@$BUN_VERSION"
	# npm may be configured to run no install scripts; Bun's puts the binary in its place.
	if ! bun --version >/dev/null 2>&1; then node .tools/node_modules/bun/install.js; fi
	[ "$(bun --version)" = "$BUN_VERSION" ] || die "Bun $BUN_VERSION could not be installed from npm"
}

# Dependencies exactly as the lockfile says. A stamp keeps the second run offline.
ensure_dependencies() {
	local stamp=node_modules/.berth-lock wanted
	wanted=$(cat package.json bun.lock | sha256sum)
	if [ "$(cat $stamp 2>/dev/null || true)" = "$wanted" ]; then return; fi
	say "installing dependencies (bun install --frozen-lockfile)"
	bun install --frozen-lockfile
	printf '%s\n' "$wanted" >$stamp
}

# Debian packages, given as "command-or-file:package"; apt runs only when one is missing.
ensure_debian() {
	local missing=() pair probe
	for pair in "$@"; do
		probe=${pair%%:*}
		case $probe in
		/*) [ -e "$probe" ] || missing+=("${pair#*:}") ;;
		*) command -v "$probe" >/dev/null || missing+=("${pair#*:}") ;;
		esac
	done
	if [ ${#missing[@]} -eq 0 ]; then return; fi
	command -v apt-get >/dev/null || die "these Debian packages are needed and apt-get is not here: ${missing[*]}"
	local sudo=()
	if [ "$(id -u)" != 0 ]; then sudo=(sudo); fi
	say "installing Debian packages: ${missing[*]}"
	"${sudo[@]}" apt-get update -qq
	DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Agents of the npm registry for tests: exact versions, no install scripts. The platform's own packages hold the programs.
ensure_test_agents() {
	local folder=node_modules/.cache/agents platform wanted
	platform=$(node -p 'process.platform + "-" + process.arch')
	wanted=$(
		cat <<-JSON
			{"private":true,"dependencies":{
				"@anthropic-ai/claude-code-$platform":"2.1.197",
				"@agentclientprotocol/claude-agent-acp":"0.49.0",
				"@openai/codex-$platform":"npm:@openai/codex@0.169.0-$platform",
				"@zed-industries/codex-acp-$platform":"0.16.0",
				"@google/gemini-cli":"0.61.0",
				"opencode-$platform$([ "${platform#*-}" = x64 ] && echo -baseline)":"1.18.33"
			}}
		JSON
	)
	if [ "$(cat $folder/.stamp 2>/dev/null || true)" = "$wanted" ]; then return; fi
	say "fetching the agents that tests drive into $folder"
	mkdir -p $folder
	printf '%s\n' "$wanted" >$folder/package.json
	if (cd $folder && bun install --omit optional --ignore-scripts); then
		printf '%s\n' "$wanted" >$folder/.stamp
	else
		say "they could not be fetched: tests with real agents will be skipped"
	fi
}

build() {
	say "building dist/berth"
	bun scripts/build.ts
}
