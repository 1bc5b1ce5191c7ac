using System.Text;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using A2aPart = Parley.Gateway.Wire.V1.Part;

namespace Parley.Client.Responders;

/// <summary>Folds a responder's events into the one reply that every door gives, and into the parts that stream ahead of it.</summary>
/// <remarks>
/// Pure. Parts carry running offsets per stream and, put together, equal the reply's content and stderr byte for byte, but for a question, which the reply alone has:
/// it is part of the answer only if it still stands at the end. Messages that are complete in themselves are joined by a line break. Not thread-safe.
/// </remarks>
public sealed class ReplyAssembler
{
    private readonly OutputBuffer _content;
    private readonly OutputBuffer _stderr;
    private readonly TaskAnswer _task;
    private Dictionary<string, string>? _meta;
    private StringBuilder? _openMessage;
    private ResponderEvent.Status _status = new(ResponderState.Working);
    private ulong _statusOffset;
    private ByteString _toolCalls = ByteString.Empty;
    private bool _hasOutput;
    private bool _leftOut;
    private int? _exitCode;
    private (ReplyState State, ResponderEvent.Failed Event)? _failure;

    /// <summary>Starts an empty reply.</summary>
    /// <param name="limits">How large it may become.</param>
    /// <param name="id">The request's id, from which the ids of messages inside the answer follow.</param>
    public ReplyAssembler(AnswerLimits limits, string id = "")
    {
        _content = new OutputBuffer(PartStream.Content, Math.Min(limits.MaxOutputBytes, AnswerLimits.LargestOutputBytes));
        _stderr = new OutputBuffer(PartStream.Stderr, Math.Min(limits.MaxOutputBytes, AnswerLimits.LargestOutputBytes));
        _task = new TaskAnswer(limits, id);
    }

    /// <summary>True once a last event came; later ones are ignored.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Takes the next event.</summary>
    /// <returns>What to stream for it.</returns>
    public IReadOnlyList<Part> Add(ResponderEvent responderEvent)
    {
        if (IsFinished)
        {
            return [];
        }

        switch (responderEvent)
        {
            case ResponderEvent.Output output:
                _hasOutput = true;
                return Of((output.IsError ? _stderr : _content).Add(output.Bytes.Bytes.Span));
            case ResponderEvent.Text text:
                return Of(text.IsDelta ? AddDelta(text.Value) : AddMessage(text.Value));
            case ResponderEvent.PartsSaid said:
                return [.. Of(AddTexts(said.Parts)), .. Of(_task.Say(said))];
            case ResponderEvent.Status status:
                return Of(AddStatus(status));
            case ResponderEvent.ArtifactProduced artifact:
                return Of(_task.Produce(artifact));
            case ResponderEvent.ArtifactUpdated artifact:
                return Of(_task.Produce(artifact));
            case ResponderEvent.Usage usage:
                AddUsage(usage);
                return [];
            case ResponderEvent.LeftOut leftOut:
                _leftOut = true;
                SetMeta("left_out", leftOut.Reason);
                return [];
            case ResponderEvent.ToolsCalled calls:
                _toolCalls = ByteString.CopyFrom(calls.Json.Bytes.Span);
                return [];
            case ResponderEvent.Completed completed:
                _exitCode = completed.ExitCode;
                _task.Annotate(completed.Metadata);
                IsFinished = true;
                return [];
            case ResponderEvent.Failed failed:
                Fail(failed);
                return [];
            default:
                throw new ArgumentOutOfRangeException(nameof(responderEvent));
        }
    }

    /// <summary>Ends the reply as a failure; what was produced so far stays in it. The first end counts.</summary>
    public void Fail(ErrorCode code, string message) => Fail(new ResponderEvent.Failed(code, message));

    /// <summary>The reply.</summary>
    public Reply ToReply()
    {
        // A question belongs to the answer: a sender that only sees the reply must read it.
        if (_status is { State: not ResponderState.Working, Note.Length: > 0 })
        {
            AddMessage(_status.Note);
            _status = _status with { Note = null };
        }

        var reply = new Reply
        {
            Type = _hasOutput || _exitCode is not null ? MessageType.Command : MessageType.Text,
            State = _failure?.State ?? StateOf(_status.State),
            Content = _content.ToByteString(),
            Stderr = _stderr.ToByteString(),
            ToolCalls = _toolCalls,
        };
        if (_exitCode is { } exitCode)
        {
            reply.ExitCode = exitCode;
        }

        if (_failure is { Event: { } failure })
        {
            reply.ErrorCode = ErrorMap.Of(failure.Code).WireName;
            reply.ErrorMessage = failure.Message;
            SetMeta("failure_code", failure.OwnCode);
        }

        _task.AddTo(reply, MessagingLimits.MaxContentBytes - _content.Length - _stderr.Length);
        if (_task.LeftOut > 0)
        {
            SetMeta("files_left_out", _task.LeftOut.ToString());
        }

        if (_meta is not null)
        {
            reply.Meta.Add(_meta);
        }

        _task.AddPlainMetadata(reply.Meta);
        reply.Truncated = _content.IsCut || _stderr.IsCut || _leftOut || _task.LeftOut > 0;
        return reply;
    }

    /// <summary>A reply that is nothing but a failure.</summary>
    public static Reply Failure(ErrorCode code, string message)
    {
        var assembler = new ReplyAssembler(new AnswerLimits());
        assembler.Fail(code, message);
        return assembler.ToReply();
    }

    private static ReplyState StateOf(ErrorCode code) => code switch
    {
        ErrorCode.Canceled => ReplyState.Canceled,
        ErrorCode.ResponderInterrupted => ReplyState.Interrupted,
        ErrorCode.ResponderNotAllowed or ErrorCode.ResponderMissing or ErrorCode.ContactPending or ErrorCode.ContactBlocked => ReplyState.Rejected,
        _ => ReplyState.Failed,
    };

    private static ReplyState StateOf(ResponderState state) => state switch
    {
        ResponderState.InputRequired => ReplyState.InputRequired,
        ResponderState.AuthRequired => ReplyState.AuthRequired,
        ResponderState.Rejected => ReplyState.Rejected,
        _ => ReplyState.Completed,
    };

    private Part? AddDelta(string text)
    {
        // The first piece of a new message stands on its own line.
        _openMessage ??= new StringBuilder();
        var lead = _openMessage.Length == 0 ? Separator() : string.Empty;
        if (!_content.IsCut)
        {
            _openMessage.Append(text);
        }

        return _content.Add(Encoding.UTF8.GetBytes(lead + text));
    }

    private Part? AddMessage(string text)
    {
        // Many programs stream deltas and then say the whole again: that closes the message and adds only what was missing.
        var open = _openMessage?.ToString() ?? string.Empty;
        _openMessage?.Clear();
        var isRepetition = open.Length > 0 && text.StartsWith(open, StringComparison.Ordinal);
        var added = isRepetition ? text[open.Length..] : Separator() + text;
        return _content.Add(Encoding.UTF8.GetBytes(added));
    }

    private string Separator() => _content.LastByte is null or (byte)'\n' ? string.Empty : "\n";

    private Part? AddTexts(IReadOnlyList<A2aPart> parts)
    {
        var text = string.Join('\n', parts.Where(part => part.ContentCase == A2aPart.ContentOneofCase.Text).Select(part => part.Text));
        return text.Length == 0 ? null : AddMessage(text);
    }

    private Part? AddStatus(ResponderEvent.Status status)
    {
        _status = status;
        var told = _task.Report(status);
        if (told is not null || status.State != ResponderState.Working || string.IsNullOrEmpty(status.Note))
        {
            return told;
        }

        var data = ByteString.CopyFromUtf8(status.Note);
        var part = new Part { Stream = PartStream.Status, Offset = _statusOffset, Data = data };
        _statusOffset += (ulong)data.Length;
        return part;
    }

    private void Fail(ResponderEvent.Failed failed)
    {
        if (!IsFinished)
        {
            IsFinished = true;
            _failure = (StateOf(failed.Code), failed);
            _task.Fail(failed);
        }
    }

    private static IReadOnlyList<Part> Of(Part? part) => part is null ? [] : [part];

    private void AddUsage(ResponderEvent.Usage usage)
    {
        SetMeta("model", usage.Model);
        SetMeta("tokens_used", (usage.Tokens ?? Sum(usage.InputTokens, usage.OutputTokens))?.ToString());
        SetMeta("input_tokens", usage.InputTokens?.ToString());
        SetMeta("output_tokens", usage.OutputTokens?.ToString());
    }

    private static long? Sum(long? left, long? right) => left is null && right is null ? null : (left ?? 0) + (right ?? 0);

    private void SetMeta(string key, string? value)
    {
        if (value is not null)
        {
            (_meta ??= new Dictionary<string, string>(StringComparer.Ordinal))[key] = value;
        }
    }
}
