using System.Text.Json;
using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Calls;

/// <summary>What two pages tell each other in one session: every description is held against the certificate that was signed, on its way out and on its way in.</summary>
internal sealed class CallTalk
{
    private const int SaidAtOnce = 8;
    private static readonly TimeSpan _repeat = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CallLane _lane = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ISealedNotes _notes;
    private readonly TimeProvider _time;

    /// <summary>The talk of a session.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>: the other end signed no certificate, so nothing can be held against it.</exception>
    public CallTalk(IPeerSession session, TimeProvider time)
    {
        _notes = (ISealedNotes)session;
        _time = time;
        if (_notes.RemoteDtlsFingerprint.IsEmpty)
        {
            throw new ParleyException(ErrorCode.PeerProof, "The other end signed no certificate for the call.");
        }
    }

    /// <summary>Whether the other end has said anything.</summary>
    public bool HasHeard => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Whether the other page has said anything.</summary>
    public bool HasSignals { get; private set; }

    /// <summary>Ends when the other end has said something.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Tells the other end, without a talk, that it is over.</summary>
    public static void SayOver(IPeerSession session) => ((ISealedNotes)session).Say(BytesOf(new CallNote(0, 0, null, true)));

    /// <summary>Takes what the own page says.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>: it describes another certificate than the one it showed at first. <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public void Say(JsonElement signal, ReadOnlySpan<byte> ownFingerprint)
    {
        Check(Read(signal), ownFingerprint);
        long number;
        var text = signal.GetRawText();
        if (BytesOf(new CallNote(long.MaxValue, long.MaxValue, text, false)).Length > ISealedNotes.MaxNoteBytes)
        {
            // Once in the lane it would be said again for ever.
            throw new ParleyException(ErrorCode.MessageTooLarge, "The page described more than a signal carries: a browser with fewer networks or codecs says less.");
        }

        lock (_gate)
        {
            number = _lane.Say(text);
            if (number > 0 && _lane.Waiting(SaidAtOnce + 1).Count <= SaidAtOnce)
            {
                Send(number, text);
            }
        }
    }

    /// <summary>The own page broke its rules: the talk ends with that.</summary>
    public void Fail(ParleyException reason) => _failed.TrySetException(reason);

    /// <summary>Tells the other end that it is over.</summary>
    public void HangUp()
    {
        lock (_gate)
        {
            Say(new CallNote(0, _lane.Heard, null, true));
        }
    }

    /// <summary>Carries signals until the other end hangs up.</summary>
    /// <param name="toPage">Hands one to the own page.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>, or what ended the session.</exception>
    public async Task RunAsync(Func<JsonElement, Task> toPage, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var repeating = RepeatAsync(stop.Token);
        try
        {
            await await Task.WhenAny(HearAsync(toPage, stop.Token), _failed.Task);
        }
        finally
        {
            await stop.CancelAsync();
            await repeating.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task HearAsync(Func<JsonElement, Task> toPage, CancellationToken cancellationToken)
    {
        await foreach (var bytes in _notes.Heard.ReadAllAsync(cancellationToken))
        {
            var note = ReadNote(bytes.Span);
            if (note.IsOver)
            {
                return;
            }

            _ready.TrySetResult();
            if (Take(note) is { } signal)
            {
                HasSignals = true;
                Check(Read(signal), _notes.RemoteDtlsFingerprint.Span);
                await toPage(signal);
            }
        }
    }

    private JsonElement? Take(CallNote note)
    {
        lock (_gate)
        {
            _lane.Acknowledge(note.Heard);
            var isNext = note.Number > 0 && _lane.Take(note.Number);
            if (note.Number > 0 && _lane.Waiting(1).Count == 0)
            {
                Say(new CallNote(0, _lane.Heard, null, false));
            }

            if (!isNext || note.Signal is null)
            {
                return null;
            }
        }

        try
        {
            using var document = JsonDocument.Parse(note.Signal, new JsonDocumentOptions { MaxDepth = 8 });
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw Broken(exception);
        }
    }

    private async Task RepeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                var waiting = _lane.Waiting(SaidAtOnce);
                if (waiting.Count == 0)
                {
                    // A sign of life, which also says what was heard.
                    Say(new CallNote(0, _lane.Heard, null, false));
                }

                foreach (var (number, content) in waiting)
                {
                    Send(number, content);
                }
            }

            await Task.Delay(_repeat, _time, cancellationToken);
        }
    }

    private void Send(long number, string content) => Say(new CallNote(number, _lane.Heard, content, false));

    private void Say(CallNote note) => _notes.Say(BytesOf(note));

    private static byte[] BytesOf(CallNote note) => JsonSerializer.SerializeToUtf8Bytes(note, CallJson.Default.CallNote);

    private static CallNote ReadNote(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, CallJson.Default.CallNote) ?? throw Broken(null);
        }
        catch (JsonException exception)
        {
            throw Broken(exception);
        }
    }

    private static CallSignal Read(JsonElement signal)
    {
        try
        {
            return signal.Deserialize(CallJson.Default.CallSignal) ?? throw Broken(null);
        }
        catch (JsonException exception)
        {
            throw Broken(exception);
        }
    }

    private static void Check(CallSignal signal, ReadOnlySpan<byte> signed)
    {
        if (signal.Description is { } description)
        {
            SdpFingerprints.Check(description.Sdp ?? string.Empty, signed);
        }
        else if (signal.Candidate is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw Broken(null);
        }
    }

    private static ParleyException Broken(Exception? cause) => new(ErrorCode.ProtocolViolation, "The other end of the call said something that no call says.", cause);
}
