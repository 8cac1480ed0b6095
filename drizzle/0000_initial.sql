CREATE TABLE `events` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`session_id` text,
	`worker_id` text,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`);--> statement-breakpoint
CREATE INDEX `events_session` ON `events` (`session_id`,`seq`);--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`named` integer NOT NULL,
	`kind` text NOT NULL,
	`cwd` text NOT NULL,
	`shell` text NOT NULL,
	`command` text,
	`env` text NOT NULL,
	`cols` integer NOT NULL,
	`rows` integer NOT NULL,
	`port` integer,
	`tags` text NOT NULL,
	`idle_timeout_seconds` integer,
	`restart` text NOT NULL,
	`size_policy` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_active_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_name_unique` ON `sessions` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_port_unique` ON `sessions` (`port`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`label` text NOT NULL,
	`sha256` text NOT NULL,
	`scope` text NOT NULL,
	`session_id` text,
	`browser` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_sha256_unique` ON `tokens` (`sha256`);--> statement-breakpoint
CREATE TABLE `workers` (
	`id` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`position` integer NOT NULL,
	`command` text NOT NULL,
	`cwd` text NOT NULL,
	`env` text NOT NULL,
	`state` text NOT NULL,
	`generation` integer NOT NULL,
	`nonce` text NOT NULL,
	`holder_pid` integer,
	`pid` integer,
	`holder_start` integer,
	`pid_start` integer,
	`boot_id` text,
	`exit_code` integer,
	`exit_signal` text,
	`exit_reason` text,
	`title` text DEFAULT '' NOT NULL,
	`cols` integer NOT NULL,
	`rows` integer NOT NULL,
	`offset` integer DEFAULT 0 NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`deadline_at` integer,
	`stop_reason` text,
	`restarts` integer DEFAULT 0 NOT NULL,
	`next_restart_at` integer,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workers_session_name` ON `workers` (`session_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `workers_session_position` ON `workers` (`session_id`,`position`);--> statement-breakpoint
CREATE INDEX `workers_state` ON `workers` (`state`);