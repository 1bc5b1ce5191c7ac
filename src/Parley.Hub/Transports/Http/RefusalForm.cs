using Microsoft.AspNetCore.Http;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>How refusals look on the routes of a foreign dialect, those of authentication included. Metadata of a route; one without it answers as <c>/api</c> does.</summary>
/// <param name="WriteAsync">Writes status, headers (<see cref="ApiErrors.Begin"/>) and body.</param>
internal sealed record RefusalForm(Func<HttpContext, ParleyException, Task> WriteAsync);
