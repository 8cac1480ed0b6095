CREATE TABLE `agents` (
	`worker_id` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`driver` text NOT NULL,
	`model` text,
	`mode` text,
	`args` text NOT NULL,
	`env` text NOT NULL,
	`models` text NOT NULL,
	`modes` text NOT NULL,
	`images` integer NOT NULL,
	`conversation` text,
	`status` text NOT NULL,
	`log_generation` integer NOT NULL,
	`log_offset` integer NOT NULL,
	`log_records` integer NOT NULL,
	`items` integer NOT NULL,
	FOREIGN KEY (`worker_id`) REFERENCES `workers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `items` (
	`cursor` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`worker_id` text NOT NULL,
	`id` text NOT NULL,
	`item_index` integer NOT NULL,
	`generation` integer NOT NULL,
	`at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`body` text NOT NULL,
	FOREIGN KEY (`worker_id`) REFERENCES `workers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `items_worker_id` ON `items` (`worker_id`,`id`);--> statement-breakpoint
CREATE INDEX `items_worker_cursor` ON `items` (`worker_id`,`cursor`);--> statement-breakpoint
CREATE TABLE `permission_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`decision` text NOT NULL,
	`tool` text NOT NULL,
	`subject` text,
	`agent` text,
	`directory` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `permissions` (
	`id` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`worker_id` text NOT NULL,
	`generation` integer NOT NULL,
	`agent` text NOT NULL,
	`source` text NOT NULL,
	`tool` text NOT NULL,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`subject` text NOT NULL,
	`input` text,
	`cwd` text NOT NULL,
	`options` text NOT NULL,
	`state` text NOT NULL,
	`decision` text,
	`option_id` text,
	`answered_by` text,
	`rule_id` text,
	`reason` text,
	`created_at` integer NOT NULL,
	`deadline_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`worker_id`) REFERENCES `workers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `permissions_state` ON `permissions` (`state`,`created_at`);--> statement-breakpoint
CREATE INDEX `permissions_worker` ON `permissions` (`worker_id`);--> statement-breakpoint
CREATE TABLE `prompts` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`session_id` text NOT NULL,
	`worker_id` text NOT NULL,
	`text` text NOT NULL,
	`images` text NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`deadline_at` integer,
	`stop_reason` text,
	`answer` text,
	`detail` text,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`worker_id`) REFERENCES `workers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `prompts_id_unique` ON `prompts` (`id`);--> statement-breakpoint
CREATE INDEX `prompts_worker` ON `prompts` (`worker_id`,`state`);