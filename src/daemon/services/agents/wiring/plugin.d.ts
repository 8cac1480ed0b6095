/** It is given to opencode as it stands, as text. */
declare module "*/opencode-plugin.js" {
	const text: string;
	export default text;
}
