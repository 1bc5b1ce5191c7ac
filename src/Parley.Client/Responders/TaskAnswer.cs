using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Message = Parley.Gateway.Wire.V1.Message;
using Part = Parley.Gateway.Wire.V1.Part;
using WirePart = Parley.Protocol.Wire.Part;

namespace Parley.Client.Responders;

/// <summary>What of an answer only A2A can say: states and artifacts as they come, and the task that stands in the reply.</summary>
/// <remarks>
/// An answer of text and whole files needs none of it, and its reply has none. Everything that is told as it comes stands in the reply's task too, but what was told may be
/// less: an event beyond <see cref="MaxEventBytes"/> is not told, nor is the rest of its artifact.
/// </remarks>
internal sealed class TaskAnswer(AnswerLimits limits, string id)
{
    /// <summary>Largest event that is told as it comes, in bytes: an envelope of the link that need not wait for room.</summary>
    public const int MaxEventBytes = MessagingLimits.ChunkBytes - 1024;

    private const int MaxPlainMetadata = 32;
    private const int MaxPlainMetadataCharacters = 1024;

    private readonly AnswerArtifacts _artifacts = new(limits);
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly Struct _metadata = new();
    private Message? _statusMessage;
    private TaskState _told = TaskState.Working;
    private bool _isNeeded;
    private int _messages;
    private ulong _offset;

    /// <summary>Artifacts that were left out at a limit.</summary>
    public int LeftOut => _artifacts.LeftOut;

    /// <summary>A file, whole or in pieces; only pieces are told.</summary>
    public WirePart? Produce(ResponderEvent.ArtifactProduced piece)
    {
        var update = _artifacts.Add(piece);
        return piece is { Append: false, Last: true } ? Silence(update) : Tell(update);
    }

    /// <summary>An artifact or its next parts.</summary>
    public WirePart? Produce(ResponderEvent.ArtifactUpdated piece) => Tell(_artifacts.Add(piece.Artifact, piece.Append, piece.Last));

    /// <summary>A message: its text is the answer's, the rest of it becomes an artifact.</summary>
    public WirePart? Say(ResponderEvent.PartsSaid said)
    {
        var others = said.Parts.Where(part => part.ContentCase != Part.ContentOneofCase.Text).ToList();
        if (others.Count == 0)
        {
            Annotate(said.Metadata);
            return null;
        }

        var name = $"message-{++_messages}";
        return Tell(_artifacts.Add(new Artifact { ArtifactId = name, Name = name, Parts = { others }, Metadata = said.Metadata }, append: false, isLast: true));
    }

    /// <summary>A status. A line of progress alone is not for A2A only, and a question is told with the reply, when no other state took its place.</summary>
    public WirePart? Report(ResponderEvent.Status status)
    {
        var state = StateOf(status.State);
        _statusMessage = state == TaskState.Working ? null : MessageOf(status.Note, status.Detail);
        _isNeeded |= status.Detail is not null;
        var isTold = state == TaskState.AuthRequired || (state == TaskState.Working && (status.Detail is not null || _told != TaskState.Working));
        if (!isTold)
        {
            return null;
        }

        _told = state;
        return Tell(new StreamResponse
        {
            StatusUpdate = new TaskStatusUpdateEvent
            {
                Status = new Gateway.Wire.V1.TaskStatus { State = state, Message = MessageOf(status.Note, status.Detail) },
                Metadata = status.Detail?.Metadata,
            },
        });
    }

    /// <summary>The end as a failure.</summary>
    public void Fail(ResponderEvent.Failed failed)
    {
        _statusMessage = MessageOf(failed.Message, failed.Detail);
        _isNeeded |= failed.Detail is not null || failed.OwnCode is not null;
        if (failed.OwnCode is { } code)
        {
            _metadata.Fields["code"] = Value.ForString(code);
        }
    }

    /// <summary>Metadata of the answer as a whole; later values replace earlier ones.</summary>
    public void Annotate(Struct? metadata)
    {
        if (metadata is not null)
        {
            _isNeeded = true;
            foreach (var (name, value) in metadata.Fields)
            {
                _metadata.Fields[name] = value;
            }
        }
    }

    /// <summary>The plain values of the metadata, for senders that know nothing of A2A.</summary>
    public void AddPlainMetadata(IDictionary<string, string> meta)
    {
        foreach (var (name, value) in _metadata.Fields.Take(MaxPlainMetadata))
        {
            var text = value.KindCase switch
            {
                Value.KindOneofCase.StringValue => value.StringValue,
                Value.KindOneofCase.NumberValue or Value.KindOneofCase.BoolValue => System.Text.Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(value).Span),
                _ => null,
            };
            if (text is { Length: <= MaxPlainMetadataCharacters })
            {
                meta.TryAdd(name, text);
            }
        }
    }

    /// <summary>Puts the task, when there is need of one, and the files into the reply.</summary>
    /// <param name="reply">Its state is set.</param>
    /// <param name="room">Bytes that the rest of the reply leaves.</param>
    public void AddTo(Reply reply, long room)
    {
        if (_isNeeded)
        {
            var task = new Gateway.Wire.V1.Task
            {
                Status = new Gateway.Wire.V1.TaskStatus { State = StateOf(reply.State), Message = _statusMessage },
                Metadata = _metadata.Fields.Count > 0 ? _metadata : null,
            };
            task.Artifacts.AddRange(_artifacts.ToArtifacts(room - task.CalculateSize()));
            reply.A2A = task.ToByteString();
            room -= reply.A2A.Length;
        }

        reply.Files.AddRange(_artifacts.ToFiles(room, isCopy: _isNeeded));
    }

    private static TaskState StateOf(ResponderState state) => state switch
    {
        ResponderState.InputRequired => TaskState.InputRequired,
        ResponderState.AuthRequired => TaskState.AuthRequired,
        ResponderState.Rejected => TaskState.Rejected,
        _ => TaskState.Working,
    };

    private static TaskState StateOf(ReplyState state) => state switch
    {
        ReplyState.Completed => TaskState.Completed,
        ReplyState.InputRequired => TaskState.InputRequired,
        ReplyState.AuthRequired => TaskState.AuthRequired,
        ReplyState.Rejected => TaskState.Rejected,
        ReplyState.Canceled => TaskState.Canceled,
        _ => TaskState.Failed,
    };

    private Message? MessageOf(string? text, StatusDetail? detail)
    {
        if (string.IsNullOrEmpty(text) && detail is not { Parts.Count: > 0 })
        {
            return null;
        }

        var message = new Message { MessageId = $"{id}-s{++_messages}", Role = Role.Agent, Metadata = detail?.Metadata };
        if (!string.IsNullOrEmpty(text) && detail is not { Parts.Count: > 0 })
        {
            message.Parts.Add(new Part { Text = text });
        }

        message.Parts.AddRange(detail?.Parts ?? []);
        return message;
    }

    private WirePart? Silence(TaskArtifactUpdateEvent? update)
    {
        if (update is not null)
        {
            _silent.Add(update.Artifact.ArtifactId);
        }

        return null;
    }

    private WirePart? Tell(TaskArtifactUpdateEvent? update)
    {
        _isNeeded = true;
        if (update is null)
        {
            return null;
        }

        if (!update.Append)
        {
            _silent.Remove(update.Artifact.ArtifactId);
        }

        var told = _silent.Contains(update.Artifact.ArtifactId) ? null : Tell(new StreamResponse { ArtifactUpdate = update });
        return told ?? Silence(update);
    }

    private WirePart? Tell(StreamResponse response)
    {
        _isNeeded = true;
        var size = response.CalculateSize();
        if (size > MaxEventBytes)
        {
            return null;
        }

        var part = new WirePart { Stream = PartStream.Event, Offset = _offset, Data = response.ToByteString() };
        _offset += (ulong)size;
        return part;
    }
}
