using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>Makes one JSON object of a request: the body's members, then the query's, then the route's. What the route says cannot be overruled by the body.</summary>
internal static class OperationArguments
{
    /// <summary>Largest body of a management request in bytes: 64 KiB.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>The same for events, which bring data of their own: 2 MiB; the limit event-bytes is what they are held to.</summary>
    public const int MaxEventBodyBytes = 2 * 1024 * 1024;

    private const int MaxDepth = 32;

    /// <summary>Reads a request.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    /// <param name="context">The request.</param>
    /// <param name="limit">Largest body.</param>
    /// <param name="other">A member whose value comes from elsewhere when the request has none.</param>
    public static async Task<byte[]> ReadAsync(HttpContext context, int limit = MaxBodyBytes, (string Name, string Value)? other = null)
    {
        var body = await ReadBodyAsync(context, limit);
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        var isOtherGiven = other is null || other.Value.Value.Length == 0 || context.Request.Query.ContainsKey(other.Value.Name);
        CopyMembers(body, json, name =>
        {
            isOtherGiven |= name == other?.Name;
            return context.Request.RouteValues.ContainsKey(name) || context.Request.Query.ContainsKey(name);
        });
        if (!isOtherGiven)
        {
            json.WriteString(other!.Value.Name, other.Value.Value);
        }

        foreach (var (name, values) in context.Request.Query)
        {
            if (!context.Request.RouteValues.ContainsKey(name))
            {
                WriteQuery(json, name, values.ToString());
            }
        }

        foreach (var (name, value) in context.Request.RouteValues)
        {
            json.WriteString(name, value?.ToString());
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a body of bounded length.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public static async Task<byte[]> ReadBodyAsync(HttpContext context, int limit = MaxBodyBytes)
    {
        if (context.Request.ContentLength > limit)
        {
            throw TooLarge();
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ParleyException TooLarge() => new(ErrorCode.MessageTooLarge, "The request's body is too large.");

    private static void CopyMembers(byte[] body, Utf8JsonWriter json, Func<string, bool> isOverruled)
    {
        if (body.Length == 0)
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "The request's body is a JSON object.");
            }

            foreach (var member in document.RootElement.EnumerateObject().Where(member => !isOverruled(member.Name)))
            {
                member.WriteTo(json);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for text inside the quotes that is no UTF-8: it shows only when a member is copied.
            throw new ParleyException(ErrorCode.InvalidArgument, "The request's body is no JSON.", exception);
        }
    }

    // Numbers are read from text as well; a truth value needs its own form.
    private static void WriteQuery(Utf8JsonWriter json, string name, string value)
    {
        if (value is "true" or "false")
        {
            json.WriteBoolean(name, value == "true");
        }
        else
        {
            json.WriteString(name, value);
        }
    }
}
