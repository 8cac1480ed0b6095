// "Try it out" calls this very origin, so the browser sends the login cookie along by itself.
SwaggerUIBundle({
	url: "/docs/json",
	dom_id: "#swagger-ui",
	deepLinking: true,
	displayRequestDuration: true,
	tryItOutEnabled: true,
	validatorUrl: null,
});
