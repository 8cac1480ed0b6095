CREATE TABLE `pauses` (
	`session_id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`workers` text NOT NULL,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
