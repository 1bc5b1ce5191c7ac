using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Exec;

/// <summary>The environment of a command: a short list of ours, and what it should know about its message. Secrets of the listener's environment stay behind.</summary>
internal static class ChildEnvironment
{
    // Linux takes 128 KiB for one variable; metadata beyond this is a mistake or an attack.
    private const int MaxContextBytes = 96 * 1024;

    // version-trace-span-flags, as W3C writes it.
    private const int TraceLength = 55;

    private static readonly HashSet<string> _passed = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL"];

    /// <summary>Whether every child gets this variable of ours.</summary>
    public static bool IsPassed(string name) => _passed.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal);

    /// <summary>Entries <c>NAME=value</c>.</summary>
    /// <param name="own">Our environment.</param>
    /// <param name="options">What else passes.</param>
    /// <param name="request">The message.</param>
    /// <param name="folder">The run's folders.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> when the metadata is too long to be a variable.</exception>
    public static List<string> Of(IDictionary own, ExecOptions options, ResponderRequest request, RunFolder folder)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in own)
        {
            var name = (string)entry.Key;
            if (IsPassed(name) || options.PassedVariables.Contains(name))
            {
                variables[name] = (string?)entry.Value ?? string.Empty;
            }
        }

        variables["TERM"] = "dumb";
        variables["PARLEY_FROM"] = request.From;
        variables["PARLEY_ID"] = request.Id;
        variables["PARLEY_CAUSE"] = request.Id;
        variables["PARLEY_THREAD"] = request.Thread;
        variables["PARLEY_TYPE"] = MessageTypeName.Of(request.Type);
        variables["PARLEY_CONTEXT"] = Context(request);
        variables["PARLEY_OUT"] = folder.Output;
        if (request.Meta.GetValueOrDefault("traceparent") is { Length: TraceLength } trace && trace.All(one => char.IsAsciiHexDigitLower(one) || one == '-'))
        {
            // Where OpenTelemetry's libraries look for it.
            variables["TRACEPARENT"] = trace;
        }

        if (folder.ContentFile is { } file)
        {
            variables["PARLEY_FILE"] = file;
        }

        if (folder.Attachments is { } attachments)
        {
            variables["PARLEY_FILES"] = attachments;
        }

        if (options.Home is { } home)
        {
            variables["PARLEY_HOME"] = home;
        }

        // The sender chose some of these values; a NUL would cut them short.
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value.Replace("\0", string.Empty)}")];
    }

    private static string Context(ResponderRequest request)
    {
        var json = JsonSerializer.Serialize(request.Meta, ContextJson.Default.IReadOnlyDictionaryStringString);
        return json.Length <= MaxContextBytes
            ? json
            : throw new ParleyException(ErrorCode.InvalidArgument, $"A command takes at most {MaxContextBytes / 1024} KiB of metadata.");
    }
}

/// <summary>Metadata as JSON.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class ContextJson : JsonSerializerContext;
