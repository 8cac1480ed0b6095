/** The time of the page, once a second, for ages and durations. Stands still while nobody looks. */
class Clock {
	now = $state(Date.now());

	constructor() {
		const tick = () => {
			if (!document.hidden) this.now = Date.now();
		};
		setInterval(tick, 1000);
		document.addEventListener("visibilitychange", tick);
	}
}

export const clock = new Clock();
