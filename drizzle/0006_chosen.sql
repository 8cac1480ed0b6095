ALTER TABLE `agents` ADD `chosen_model` text;--> statement-breakpoint
ALTER TABLE `agents` ADD `chosen_mode` text;--> statement-breakpoint
UPDATE `agents` SET `chosen_model` = `model`, `chosen_mode` = `mode`;