/** Which dialog is open. One at a time: a dialog that opens takes the place of the one before. */
import type { Session, Worker } from "../types.ts";

export type EndAction = "close" | "kill" | "restart" | "forget";

export type Overlay =
	| { name: "new-session"; from: Session | null }
	| { name: "end"; action: EndAction; sessions: Session[] }
	| { name: "signal"; session: Session; worker: Worker; signal: string }
	| { name: "edit"; session: Session }
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
