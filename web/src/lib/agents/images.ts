/** Puts a picture into the daemon's store; a prompt then names it by its content. */
import { berth } from "../api/berth.ts";
import type { Image } from "../types.ts";

export async function uploadImage(file: Blob): Promise<Image> {
	const response = await berth.fetch("/images", {
		method: "POST",
		headers: { "content-type": file.type },
		body: file,
	});
	return (await response.json()) as Image;
}
