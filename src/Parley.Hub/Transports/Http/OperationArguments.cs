using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Connections;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>Makes one JSON object of a request: the body's members, then the query's, then the route's. What the route says cannot be overruled by the body.</summary>
internal static class OperationArguments
{
    /// <summary>Largest body of a management request in bytes: 64 KiB.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>The same for events, which bring data of their own: 2 MiB; the limit event-bytes is what they are held to.</summary>
    public const int MaxEventBodyBytes = 2 * 1024 * 1024;

    /// <summary>Reads a request.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    /// <param name="context">The request.</param>
    /// <param name="limit">Largest body in bytes.</param>
    /// <param name="headers">Members that headers say; they give way to those of the request.</param>
    public static async Task<byte[]> ReadAsync(HttpContext context, int limit = MaxBodyBytes, IEnumerable<(string Name, string Value)>? headers = null)
    {
        var body = await ReadBodyAsync(context, limit);
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        var overruled = new HashSet<string>(context.Request.RouteValues.Keys.Concat(context.Request.Query.Keys), StringComparer.OrdinalIgnoreCase);
        var said = CopyMembers(body, json, overruled);
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

        foreach (var (name, value) in (headers ?? []).Where(header => !overruled.Contains(header.Name) && !said.Contains(header.Name)))
        {
            json.WriteString(name, value);
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

    // What was copied: names mean the same whatever their case, as the operations read them.
    private static HashSet<string> CopyMembers(byte[] body, Utf8JsonWriter json, HashSet<string> overruled)
    {
        var copied = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (body.Length == 0)
        {
            return copied;
        }

        try
        {
            using var document = StrictJson.Parse(body, "The request's body");
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "The request's body is a JSON object.");
            }

            foreach (var member in document.RootElement.EnumerateObject().Where(member => !overruled.Contains(member.Name)))
            {
                member.WriteTo(json);
                copied.Add(member.Name);
            }

            return copied;
        }
        catch (InvalidOperationException exception)
        {
            // Text inside the quotes that is no UTF-8 shows only when a member is copied.
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
