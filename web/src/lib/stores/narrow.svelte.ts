/** Whether the window is as narrow as a phone; the same bound as in the styles. */
import { MediaQuery } from "svelte/reactivity";

export const narrow = new MediaQuery("(max-width: 719px)");
/** A finger rather than a mouse: keys come from a screen that hides half of the page. */
export const touch = new MediaQuery("(pointer: coarse)");
