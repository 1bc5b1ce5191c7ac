using System.Globalization;
using Parley.Client.Rooms;
using Parley.Client.Rooms.Supervision;
using Parley.Cli.Rooms;

namespace Parley.Cli.Supervise;

/// <summary>Tells what a supervised session does: codes and folders on standard output, everything else as lines on standard error.</summary>
/// <param name="context">The command's world.</param>
/// <param name="isPlain">Whether text is shown without a frame.</param>
/// <param name="hasTimestamps">Whether lines begin with the time.</param>
internal sealed class SuperviseScreen(CommandContext context, bool isPlain, bool hasTimestamps) : ISupervisorScreen
{
    /// <inheritdoc/>
    public void Seated(RoomSeat seat, SavedSession session)
    {
        var terminal = context.Terminal;
        if (seat.Code is { } code)
        {
            terminal.WriteLine($"{(seat.Role == RoomSeat.Host ? "INVITE_CODE" : "LISTENER_CODE")}: {code}");
        }
        else
        {
            terminal.WriteLine("STATUS: (2/2 connected)");
            terminal.WriteLine($"ROLE: {seat.Role}");
        }

        terminal.WriteLine($"HEADLESS: {(seat.IsHeadless ? "true" : "false")}");
        terminal.WriteLine($"STATE_FILE: {session.FactsFile}");
        if (seat.Code is not null)
        {
            foreach (var line in RoomSeating.Paste(session.Hub, seat.Code).TrimEnd('\n').Split('\n'))
            {
                terminal.Status(line);
            }
        }

        Event(seat.Code is null ? "CONNECTED" : seat.Role == RoomSeat.Host ? "WAITING for the joiner" : "LISTENER READY");
    }

    /// <inheritdoc/>
    public void Inbound(RoomItem message) => Show($"INBOUND {(message.IsHuman ? "HUMAN" : message.From)} {RoomTurns.MarkerOf(message.Turn)}".TrimEnd(), message.Text);

    /// <inheritdoc/>
    public void Outbound(string text) => Show("OUTBOUND", text);

    /// <inheritdoc/>
    public void Event(string line) => context.Terminal.Status(hasTimestamps
        ? string.Create(CultureInfo.InvariantCulture, $"{context.Time.GetLocalNow():HH:mm:ss} {line}")
        : line);

    private void Show(string head, string text)
    {
        Event(head);
        foreach (var line in text.Split('\n'))
        {
            context.Terminal.Status(isPlain ? line : "│ " + line);
        }
    }
}
