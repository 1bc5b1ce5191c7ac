using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Message = Parley.Gateway.Wire.V1.Message;
using Part = Parley.Gateway.Wire.V1.Part;

namespace Parley.Hub.AgentApi.Tasks.Answers;

/// <summary>An agent's reply in the words of A2A. Pure.</summary>
/// <remarks>What the responder said in those words counts; files and plain metadata are then only copies for senders that know nothing of A2A.</remarks>
internal sealed class AgentReply
{
    /// <summary>Name of the metadata that has a failure's code.</summary>
    public const string ErrorCodeName = "errorCode";

    private const int MaxStandardError = 64 * 1024;

    private readonly Reply _reply;
    private readonly Gateway.Wire.V1.Task? _said;

    private AgentReply(Reply reply, Gateway.Wire.V1.Task? said) => (_reply, _said) = (reply, said);

    /// <summary>The state that the reply puts the task in.</summary>
    public TaskState State => _reply.State switch
    {
        ReplyState.Completed => TaskState.Completed,
        ReplyState.Canceled => TaskState.Canceled,
        ReplyState.InputRequired => TaskState.InputRequired,
        ReplyState.AuthRequired => TaskState.AuthRequired,
        ReplyState.Rejected => TaskState.Rejected,
        ReplyState.Unspecified when _reply.ErrorCode.Length == 0 => TaskState.Completed,
        _ => TaskState.Failed,
    };

    /// <summary>Text that was not told as it came is what the agent asks, or why it refuses.</summary>
    public bool IsQuestion => TaskStates.IsInterrupted(State) || State == TaskState.Rejected;

    /// <summary>The whole text of the answer.</summary>
    public string Text => _reply.Content.ToStringUtf8();

    /// <summary>The artifacts that the responder spoke of; null when it did not speak A2A.</summary>
    public IReadOnlyList<Artifact>? Artifacts => _said?.Artifacts;

    /// <summary>All text in those artifacts.</summary>
    public string TextOfArtifacts => string.Concat(_said?.Artifacts.SelectMany(artifact => artifact.Parts).Select(part => part.Text) ?? []);

    /// <summary>What the responder says beside the state.</summary>
    public Message? StatusMessage => _said?.Status?.Message;

    /// <summary>Why there is no good answer; null when there is one, or the responder's words say it.</summary>
    public string? Failure => (_reply.State, _reply.ErrorMessage) switch
    {
        (ReplyState.Completed or ReplyState.Canceled or ReplyState.InputRequired or ReplyState.AuthRequired, _) => null,
        (_, { Length: > 0 } message) => message,
        (ReplyState.Interrupted, _) => "The agent's listener stopped while it worked on this; it will not run again.",
        _ when _reply.HasExitCode => string.Create(CultureInfo.InvariantCulture, $"The command ended with exit code {_reply.ExitCode}."),
        _ when State == TaskState.Completed => null,
        _ => "The agent could not answer.",
    };

    /// <summary>Metadata for the task; null when there is none.</summary>
    public Struct? Metadata
    {
        get
        {
            var metadata = new Struct();
            foreach (var (name, value) in _reply.Meta)
            {
                metadata.Fields[name] = Value.ForString(value);
            }

            AddFacts(metadata);
            if (_said?.Metadata is { } own)
            {
                metadata.Fields.MergeFrom(own.Fields);
            }

            return metadata.Fields.Count > 0 ? metadata : null;
        }
    }

    /// <summary>Reads a reply.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>.</exception>
    public static AgentReply Of(Reply reply)
    {
        try
        {
            return new AgentReply(reply, reply.A2A.IsEmpty ? null : Gateway.Wire.V1.Task.Parser.ParseFrom(reply.A2A));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer cannot be read.", exception);
        }
    }

    /// <summary>The artifacts beside the text: the responder's own, or its files.</summary>
    /// <param name="place">Which message of the task is answered, from 1; files of later ones have names of their own.</param>
    public IReadOnlyList<Artifact> ArtifactsOf(int place)
    {
        if (_said is not null)
        {
            return _said.Artifacts;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. _reply.Files.Select((file, index) => FileArtifact(file, IdOf(file, index, place, names)))];
    }

    private static string IdOf(FilePart file, int index, int place, HashSet<string> taken)
    {
        var name = file.Name.Length > 0 ? file.Name : $"file-{index + 1}";
        var id = place == 1 ? name : $"{place}/{name}";
        return taken.Add(id) ? id : $"{id}#{index + 1}";
    }

    private static Artifact FileArtifact(FilePart file, string id) => new()
    {
        ArtifactId = id,
        Name = file.Name,
        Parts = { new Part { Raw = file.Content, Filename = file.Name, MediaType = file.MediaType } },
    };

    private void AddFacts(Struct metadata)
    {
        if (_reply.HasExitCode)
        {
            metadata.Fields["exitCode"] = Value.ForNumber(_reply.ExitCode);
        }

        if (!_reply.Stderr.IsEmpty)
        {
            metadata.Fields["stderr"] = Value.ForString(Encoding.UTF8.GetString(_reply.Stderr.Span[..Math.Min(_reply.Stderr.Length, MaxStandardError)]));
        }

        if (_reply.Truncated)
        {
            metadata.Fields["truncated"] = Value.ForBool(true);
        }

        if (_reply.ErrorCode.Length > 0)
        {
            metadata.Fields[ErrorCodeName] = Value.ForString(_reply.ErrorCode);
        }
    }
}
