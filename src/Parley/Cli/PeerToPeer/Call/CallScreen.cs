using System.Text.Json;
using Parley.Client.Calls;
using Parley.Client.Peering;

namespace Parley.Cli.PeerToPeer.Call;

/// <summary>Tells how a call goes: to a person on standard error, to a program as JSON lines.</summary>
internal sealed class CallScreen(CommandContext context) : ICallEvents
{
    private string? _state;

    /// <inheritdoc/>
    public void OnSession(IPeerSession session)
    {
        if (context.IsJson)
        {
            Write(new CallJsonLine("session") { Agent = session.Remote.ToString(), Trust = P2pHome.WordOf(session.Trust), Phrase = session.Phrase });
            return;
        }

        P2pHome.Introduce(context, session);
        context.Terminal.Note($"in a call with {session.Remote} ({P2pHome.WordOf(session.Trust)})");
    }

    /// <inheritdoc/>
    public void OnState(string state, string? path)
    {
        if (context.IsJson)
        {
            Write(new CallJsonLine("state") { State = state, Path = path });
        }
        else if (state != _state)
        {
            context.Terminal.Note(path is null ? TransferText.Line(state) : $"{TransferText.Line(state)}: {TransferText.Line(path)}");
        }

        _state = state;
    }

    /// <inheritdoc/>
    public void OnFrames(long sent, long received)
    {
        if (context.IsJson)
        {
            Write(new CallJsonLine("frames") { Sent = sent, Received = received });
        }
    }

    /// <inheritdoc/>
    public void OnNote(string text)
    {
        if (context.IsJson)
        {
            Write(new CallJsonLine("note") { Text = text });
        }
        else
        {
            context.Terminal.Note(TransferText.Line(text));
        }
    }

    private void Write(CallJsonLine line) => context.Terminal.WriteJson(JsonSerializer.Serialize(line, CallLineJson.Compact.CallJsonLine));
}
