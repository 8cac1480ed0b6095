import { Elysia } from "elysia";
import { isLive, workerStates } from "../../contract/state.ts";
import { VERSION } from "../../contract/version.ts";
import { eventBounds } from "../../store/events.ts";
import type { DaemonContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { EXPOSITION_TYPE, exposition, type Metric } from "../services/exposition.ts";

export const metricsRoutes = (context: DaemonContext) =>
	new Elysia({ normalize: false }).get(
		"/metrics",
		() => new Response(exposition(metricsOf(context)), { headers: { "content-type": EXPOSITION_TYPE } }),
		operation({
			id: "getMetrics",
			tag: "Daemon",
			summary: "Counts for Prometheus",
			scope: "read",
			unbound: true,
			answers: [
				{
					description: "Prometheus text format 0.0.4",
					content: { "text/plain": { example: "# TYPE berth_sessions gauge\nberth_sessions 3\n" } },
				},
			],
			errors: ["unauthorized", "forbidden"],
		}),
	);

function metricsOf({ sessions, store, feed, traffic, tokens, now, startedAt }: DaemonContext): Metric[] {
	const all = sessions.list(true);
	const workers = all.flatMap((session) => session.workers);
	const { oldest, newest } = eventBounds(store.read);
	const { rss, heapUsed } = process.memoryUsage();
	const { user, system } = process.cpuUsage();
	const live = all.filter((session) => session.workers.some(({ state }) => isLive(state)));
	return [
		gauge("berth_info", "Version of the daemon", [{ labels: { version: VERSION }, value: 1 }]),
		gauge("berth_uptime_seconds", "Seconds since the daemon started", [
			{ value: (now() - startedAt) / 1000 },
		]),
		gauge("berth_sessions", "Sessions", [
			{ labels: { state: "live" }, value: live.length },
			{ labels: { state: "ended" }, value: all.length - live.length },
		]),
		gauge(
			"berth_workers",
			"Workers by state",
			workerStates.map((state) => ({
				labels: { state },
				value: workers.filter((worker) => worker.state === state).length,
			})),
		),
		gauge("berth_attached_clients", "Clients attached to live workers, by whatever way", [
			{ value: all.reduce((sum, session) => sum + session.viewers, 0) },
		]),
		gauge("berth_attached_websockets", "Attach streams that pass through the daemon", [
			{ value: traffic.attached },
		]),
		gauge("berth_event_followers", "Open event streams", [{ value: feed.followers }]),
		counter("berth_events_total", "Events ever recorded", [{ value: newest }]),
		gauge("berth_events_kept", "Events kept, holes by deletion not counted", [
			{ value: newest - oldest + 1 },
		]),
		gauge("berth_tokens", "Valid tokens, browsers' logins among them", [{ value: tokens.list().length }]),
		counter(
			"berth_http_requests_total",
			"Requests answered, by status class",
			[...traffic.answers].map(([status, value]) => ({ labels: { status }, value })),
		),
		gauge("berth_resident_memory_bytes", "Resident memory of the daemon", [{ value: rss }]),
		gauge("berth_heap_bytes", "JavaScript heap of the daemon in use", [{ value: heapUsed }]),
		counter("berth_cpu_seconds_total", "Processor time of the daemon", [{ value: (user + system) / 1e6 }]),
	];
}

function gauge(name: string, help: string, samples: Metric["samples"]): Metric {
	return { name, help, type: "gauge", samples };
}

function counter(name: string, help: string, samples: Metric["samples"]): Metric {
	return { name, help, type: "counter", samples };
}
