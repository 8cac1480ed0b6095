ALTER TABLE `permissions` ADD `questions` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `permissions` ADD `answers` text;