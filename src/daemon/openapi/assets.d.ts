/** Files that the bundler embeds: importing one gives its path. */
declare module "*/swagger-ui.css" {
	const path: string;
	export default path;
}
declare module "*/swagger-ui-bundle.js" {
	const path: string;
	export default path;
}
