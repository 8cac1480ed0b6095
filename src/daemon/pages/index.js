// Lists the live sessions, and again whenever an event says that something changed.
const status = document.querySelector("#status");
const table = document.querySelector("#sessions");
const rows = table.querySelector("tbody");
const logout = document.querySelector("#logout");

function cell(text) {
	const td = document.createElement("td");
	td.textContent = text;
	return td;
}

function row(session) {
	const tr = document.createElement("tr");
	const primary = session.workers[0];
	const command = primary ? primary.command.join(" ") : session.shell;
	tr.append(
		cell(session.name),
		cell(primary ? primary.state : ""),
		cell(command),
		cell(primary ? primary.cwd : session.cwd),
		cell(session.port === null ? "none" : String(session.port)),
	);
	return tr;
}

async function show() {
	const response = await fetch("/sessions");
	if (response.status === 401) {
		status.replaceChildren(
			"You are not logged in. Run ",
			code("berth ui"),
			" in a terminal: it opens this page logged in.",
		);
		table.hidden = true;
		logout.hidden = true;
		return false;
	}
	if (!response.ok) throw new Error(`the daemon answered ${response.status}`);
	const sessions = await response.json();
	rows.replaceChildren(...sessions.map(row));
	table.hidden = sessions.length === 0;
	logout.hidden = false;
	const count = sessions.length === 1 ? "1 session runs." : `${sessions.length} sessions run.`;
	status.textContent = sessions.length === 0 ? "No session runs. Make one with “berth new”." : count;
	return true;
}

function code(text) {
	const element = document.createElement("code");
	element.textContent = text;
	return element;
}

async function refresh() {
	try {
		return await show();
	} catch (error) {
		status.textContent = `The daemon does not answer (${error.message}). This page tries again by itself.`;
		return true;
	}
}

logout.addEventListener("click", async () => {
	await fetch("/logout", { method: "POST" });
	location.assign("/login");
});

// Opening the stream makes the first event of it: a look after it is open misses nothing. Many events become one look.
if (await refresh()) {
	let due = null;
	const soon = () => {
		if (due !== null) return;
		due = setTimeout(() => {
			due = null;
			refresh();
		}, 200);
	};
	const events = new EventSource("/events");
	for (const kind of ["open", "message", "error"]) events.addEventListener(kind, soon);
}
