using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>The one place where refusals become answers in the dialect of rooms: <c>{"error":"sentence"}</c>, and plain text for a loop.</summary>
internal static class RoomErrors
{
    /// <summary>Names the catalogue's code of a refusal, for clients of our own; scripts read sentences.</summary>
    private const string CodeHeader = "X-Parley-Error";

    /// <summary>Runs a handler and answers what it refuses with. Defects pass on to the place that all routes share.</summary>
    public static RequestDelegate Around(RequestDelegate handler) => async context =>
    {
        try
        {
            await handler(context);
        }
        catch (ParleyException refusal) when (!context.Response.HasStarted)
        {
            if (refusal.RetryAfter is { } wait)
            {
                context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
            }

            context.Response.Headers[CodeHeader] = refusal.Row.WireName;
            await (refusal.Code == ErrorCode.RoomLoop
                ? RoomWire.WriteTextAsync(context, Encoding.UTF8.GetBytes(refusal.Message), refusal.Row.Http)
                : WriteAsync(context, refusal.Message, refusal.Row.Http));
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            var sentence = exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? "Message too large" : exception.Message;
            await WriteAsync(context, sentence, exception.StatusCode);
        }
    };

    /// <summary>Writes a refusal.</summary>
    public static Task WriteAsync(HttpContext context, string sentence, int status) =>
        RoomWire.WriteJsonAsync(context, json => json.WriteString("error", sentence), status);
}
