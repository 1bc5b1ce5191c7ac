using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Cli.A2a.Remote;

/// <summary>What is sent to an agent somewhere else.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Text">Its text; null for none.</param>
internal sealed record RemoteMessage(string Id, string? Text)
{
    /// <summary>Name and content of a file.</summary>
    public (string Name, ByteString Content)? File { get; init; }

    /// <summary>A JSON value for programs.</summary>
    public string? Data { get; init; }

    /// <summary>The conversation.</summary>
    public string? Context { get; init; }

    /// <summary>The task that it answers.</summary>
    public string? Task { get; init; }

    /// <summary>Facts beside it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Meta { get; init; } = [];

    /// <summary>Whether the answer is waited for.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>The request.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: nothing to send, or data that is no JSON.</exception>
    public SendMessageRequest ToRequest()
    {
        var message = new Message { MessageId = Id, Role = Role.User, ContextId = Context ?? string.Empty, TaskId = Task ?? string.Empty };
        if (Text is not null)
        {
            message.Parts.Add(new Part { Text = Text, MediaType = "text/plain" });
        }

        if (File is { } file)
        {
            message.Parts.Add(new Part { Raw = file.Content, Filename = file.Name, MediaType = "application/octet-stream" });
        }

        if (Data is not null)
        {
            message.Parts.Add(new Part { Data = ReadData(Data), MediaType = "application/json" });
        }

        foreach (var (key, value) in Meta)
        {
            (message.Metadata ??= new Struct()).Fields[key] = Value.ForString(value);
        }

        return message.Parts.Count == 0
            ? throw new ParleyException(ErrorCode.InvalidArgument, "There is no MESSAGE, no --file and no --data.")
            : new SendMessageRequest { Message = message, Configuration = new SendMessageConfiguration { ReturnImmediately = !Waits } };
    }

    private static Value ReadData(string json)
    {
        try
        {
            return JsonDialect.V1.Parse<Part>(Encoding.UTF8.GetBytes($"{{\"data\":{json}}}"), JsonLimits.Default).Data;
        }
        catch (ParleyException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--data is one JSON value.", exception);
        }
    }
}
