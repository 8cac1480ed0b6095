/** Which dialog is open. One at a time: a dialog that opens takes the place of the one before. */
import type { EndAction } from "../ending.ts";
import type { Session, Worker } from "../types.ts";

export type Overlay =
	/** `from`: a session to be like. `repository`: the id of one to make a worktree of. */
	| { name: "new-session"; from: Session | null; repository?: string }
	| { name: "new-worker"; session: Session }
	/** Of one worker when it is given, and then of one session. */
	| { name: "end"; action: EndAction; sessions: Session[]; worker?: Worker }
	| { name: "signal"; session: Session; worker: Worker; signal: string }
	| { name: "edit"; session: Session }
	| { name: "rename-worker"; session: Session; worker: Worker }
	| { name: "share"; session: Session | null }
	| { name: "paste"; text: string; answer: (paste: string | null) => void }
	| { name: "palette" }
	| { name: "shortcuts" };

class Overlays {
	current = $state.raw<Overlay | null>(null);

	open(overlay: Overlay): void {
		this.current = overlay;
	}

	close(): void {
		this.current = null;
	}
}

export const overlays = new Overlays();
