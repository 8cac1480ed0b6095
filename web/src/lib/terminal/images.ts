/**
 * Images in a terminal: sixel, iTerm's, and kitty's graphics protocol. xterm.js's addon draws them and keeps the drawn ones within its
 * storage limit. What it does not limit by itself is limited here: transmissions that are begun and never ended, images that are sent
 * and never shown, and small messages that unpack into enormous images. The addon's decoders are WebAssembly, which browsers that are
 * locked down do not have: the page imports this where there is one.
 */
import { ImageAddon } from "@xterm/addon-image";
import type { LoadImages } from "./emulator.ts";

/** Pixels of one image: a screen of 3840 × 2160 fits. */
const MOST_PIXELS = 2 ** 23;

/** Bytes of one image as it is sent, or as a PNG is unpacked. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Megabytes that the images of one terminal take, drawn; the oldest go first. */
const STORAGE_MB = 64;

/** Kitty's transmissions in chunks that may be open at once; each keeps a decoder with its memory. */
const OPEN_TRANSMISSIONS = 4;

/** Kitty's images that are kept to be shown again, and their bytes as they were sent; the oldest go first. */
const KEPT = { images: 256, bytes: 64 * 1024 * 1024 } as const;

export const loadImages: LoadImages = (terminal) => {
	const addon = new ImageAddon({
		showPlaceholder: false,
		pixelLimit: MOST_PIXELS,
		storageLimit: STORAGE_MB,
		kittySizeLimit: MOST_BYTES,
	});
	terminal.loadAddon(addon);
	limitKittyImages(addon);
	return () => addon.storageUsage > 0;
};

/** An image as a program sent it. */
interface KittyImage {
	data: Blob;
	/** As declared; 0 for a PNG. */
	width: number;
	height: number;
	/** 24 and 32: bits of a raw pixel; 100: PNG. */
	format: 24 | 32 | 100;
	compression?: string;
}

/** What is used of the addon beyond its public interface; its version is exact in package.json. */
interface KittyHandler {
	start(): void;
	_pendingTransmissions: Map<number, { decoder: { release(): void } }>;
	_removePendingEntry(key: number): void;
	_kittyStorage: { readonly images: ReadonlyMap<number, KittyImage>; deleteById(id: number): void };
	_createBitmap(image: KittyImage): Promise<ImageBitmap>;
}

function limitKittyImages(addon: ImageAddon): void {
	const handler = (addon as unknown as { _handlers: Map<string, KittyHandler> })._handlers.get("kitty");
	if (handler === undefined) throw new Error("the image addon has no handler of kitty's protocol");
	const start = handler.start.bind(handler);
	handler.start = () => {
		forgetTransmissions(handler);
		forgetImages(handler);
		start();
	};
	const createBitmap = handler._createBitmap.bind(handler);
	handler._createBitmap = async (image) => createBitmap(await unpacked(image));
}

function forgetTransmissions(handler: KittyHandler): void {
	const open = handler._pendingTransmissions;
	for (const [key, { decoder }] of open) {
		if (open.size < OPEN_TRANSMISSIONS) return;
		decoder.release();
		handler._removePendingEntry(key);
	}
}

function forgetImages({ _kittyStorage: storage }: KittyHandler): void {
	let bytes = 0;
	for (const { data } of storage.images.values()) bytes += data.size;
	for (const [id, { data }] of storage.images) {
		if (storage.images.size <= KEPT.images && bytes <= KEPT.bytes) return;
		bytes -= data.size;
		storage.deleteById(id);
	}
}

/** The image without compression, and no larger than it may be. */
async function unpacked(image: KittyImage): Promise<KittyImage> {
	const png = image.format === 100;
	const declared = image.width * image.height;
	if (!png) checkPixels(declared);
	let { data } = image;
	if (image.compression === "z")
		data = await inflated(data, png ? MOST_BYTES : (declared * image.format) / 8);
	if (png) checkPixels(await pngPixels(data));
	return { ...image, data, compression: "" };
}

function checkPixels(pixels: number): void {
	if (pixels > MOST_PIXELS) throw new Error(`${pixels} pixels are more than an image may have`);
}

/** The signature of a PNG and the start of its first chunk, IHDR (PNG 5.2, 11.2.1); its width and height follow. */
const PNG_SIGNATURE = 0x89504e470d0a1a0an;
const PNG_HEADER_BYTES = 24;

async function pngPixels(png: Blob): Promise<number> {
	const header = new DataView(await png.slice(0, PNG_HEADER_BYTES).arrayBuffer());
	if (header.byteLength < PNG_HEADER_BYTES || header.getBigUint64(0) !== PNG_SIGNATURE) {
		throw new Error("not a PNG");
	}
	return header.getUint32(16) * header.getUint32(20);
}

/** zlib's data (RFC 1950), of which nobody needs more than `limit` bytes. */
async function inflated(data: Blob, limit: number): Promise<Blob> {
	const reader = data.stream().pipeThrough(new DecompressionStream("deflate")).getReader();
	const parts: Uint8Array<ArrayBuffer>[] = [];
	for (let bytes = 0; bytes < limit; ) {
		const { done, value } = await reader.read();
		if (done) break;
		parts.push(value);
		bytes += value.length;
	}
	await reader.cancel();
	return new Blob(parts);
}
