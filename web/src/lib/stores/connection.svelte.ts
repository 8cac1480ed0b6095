/** Whether the daemon can be reached. Known from every request, so nothing is asked only to know it. */
import { onFinding } from "../api/berth.ts";

class Connection {
	/** `connecting` until the first answer. */
	state = $state<"connecting" | "online" | "offline">("connecting");

	constructor() {
		onFinding((finding) => {
			if (finding === "reachable" || finding === "events-open") this.state = "online";
			if (finding === "unreachable") this.state = "offline";
		});
	}
}

export const connection = new Connection();
