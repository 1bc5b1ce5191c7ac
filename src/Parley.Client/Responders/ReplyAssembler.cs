using System.Text;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>Folds a responder's events into the one reply that every door gives, and into the parts that stream ahead of it.</summary>
/// <remarks>
/// Pure. Parts carry running offsets per stream and, put together, equal the reply's content and stderr byte for byte. Messages that are complete in
/// themselves are joined by a line break. Not thread-safe.
/// </remarks>
public sealed class ReplyAssembler
{
    private readonly OutputBuffer _content;
    private readonly OutputBuffer _stderr;
    private readonly ArtifactBuffer _artifacts;
    private Dictionary<string, string>? _meta;
    private StringBuilder? _openMessage;
    private ResponderState _state = ResponderState.Working;
    private ulong _statusOffset;
    private bool _hasOutput;
    private bool _leftOut;
    private int? _exitCode;
    private (ReplyState State, ErrorCode Code, string Message)? _failure;

    /// <summary>Starts an empty reply.</summary>
    public ReplyAssembler(AnswerLimits limits)
    {
        _content = new OutputBuffer(PartStream.Content, Math.Min(limits.MaxOutputBytes, AnswerLimits.LargestOutputBytes));
        _stderr = new OutputBuffer(PartStream.Stderr, Math.Min(limits.MaxOutputBytes, AnswerLimits.LargestOutputBytes));
        _artifacts = new ArtifactBuffer(limits);
    }

    /// <summary>True once a last event came; later ones are ignored.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Takes the next event.</summary>
    /// <returns>What to stream for it, null for nothing.</returns>
    public Part? Add(ResponderEvent responderEvent)
    {
        if (IsFinished)
        {
            return null;
        }

        switch (responderEvent)
        {
            case ResponderEvent.Output output:
                _hasOutput = true;
                return (output.IsError ? _stderr : _content).Add(output.Bytes.Bytes.Span, isText: false);
            case ResponderEvent.Text text:
                return text.IsDelta ? AddDelta(text.Value) : AddMessage(text.Value);
            case ResponderEvent.Status status:
                return AddStatus(status);
            case ResponderEvent.ArtifactProduced artifact:
                _artifacts.Add(artifact);
                return null;
            case ResponderEvent.Usage usage:
                AddUsage(usage);
                return null;
            case ResponderEvent.LeftOut leftOut:
                _leftOut = true;
                SetMeta("left_out", leftOut.Reason);
                return null;
            case ResponderEvent.Completed completed:
                _exitCode = completed.ExitCode;
                IsFinished = true;
                return null;
            case ResponderEvent.Failed failed:
                Fail(failed.Code, failed.Message);
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(responderEvent));
        }
    }

    /// <summary>Ends the reply as a failure; what was produced so far stays in it. The first end counts.</summary>
    public void Fail(ErrorCode code, string message)
    {
        if (!IsFinished)
        {
            IsFinished = true;
            _failure = (StateOf(code), code, message);
        }
    }

    /// <summary>The reply.</summary>
    public Reply ToReply()
    {
        var reply = new Reply
        {
            Type = _hasOutput || _exitCode is not null ? MessageType.Command : MessageType.Text,
            State = _failure?.State ?? StateOf(_state),
            Content = _content.ToByteString(),
            Stderr = _stderr.ToByteString(),
        };
        if (_exitCode is { } exitCode)
        {
            reply.ExitCode = exitCode;
        }

        if (_failure is { } failure)
        {
            reply.ErrorCode = ErrorMap.Of(failure.Code).WireName;
            reply.ErrorMessage = failure.Message;
        }

        reply.Files.AddRange(_artifacts.ToParts(MessagingLimits.MaxContentBytes - _content.Length - _stderr.Length));
        if (_artifacts.LeftOut > 0)
        {
            SetMeta("files_left_out", _artifacts.LeftOut.ToString());
        }

        if (_meta is not null)
        {
            reply.Meta.Add(_meta);
        }

        reply.Truncated = _content.IsCut || _stderr.IsCut || _leftOut || _artifacts.LeftOut > 0;
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

        return _content.Add(Encoding.UTF8.GetBytes(lead + text), isText: true);
    }

    private Part? AddMessage(string text)
    {
        // Many programs stream deltas and then say the whole again: that closes the message and adds only what was missing.
        var open = _openMessage?.ToString() ?? string.Empty;
        _openMessage?.Clear();
        var isRepetition = open.Length > 0 && text.StartsWith(open, StringComparison.Ordinal);
        var added = isRepetition ? text[open.Length..] : Separator() + text;
        return _content.Add(Encoding.UTF8.GetBytes(added), isText: true);
    }

    private string Separator() => _content.LastByte is null or (byte)'\n' ? string.Empty : "\n";

    private Part? AddStatus(ResponderEvent.Status status)
    {
        _state = status.State;
        if (string.IsNullOrEmpty(status.Note))
        {
            return null;
        }

        // A question belongs to the answer: a sender that only sees the reply must read it.
        if (status.State != ResponderState.Working)
        {
            return AddMessage(status.Note);
        }

        var data = ByteString.CopyFromUtf8(status.Note);
        var part = new Part { Stream = PartStream.Status, Offset = _statusOffset, Data = data };
        _statusOffset += (ulong)data.Length;
        return part;
    }

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
