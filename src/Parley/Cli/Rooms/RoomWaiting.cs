using System.Text.Json;
using Parley.Client.Rooms;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary>Waits for what the partner says and prints it.</summary>
internal static class RoomWaiting
{
    /// <summary>Waits for one item that passes, prints it, and tells when none came in time.</summary>
    /// <param name="context">The command's world.</param>
    /// <param name="room">The seat.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="passes">Which items count.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandContext context, RoomAtWork room, TimeSpan limit, Predicate<RoomItem> passes, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var hasTold = false;
        var reader = new RoomReader(room.Door, room.Token, context.Time, context.FillRandom)
        {
            OnTrouble = refusal =>
            {
                if (!hasTold)
                {
                    context.Terminal.Note($"{refusal.Message} Trying again.");
                    hasTold = true;
                }
            },
        };
        try
        {
            RoomItem item;
            do
            {
                item = await reader.NextAsync(either.Token);
            }
            while (!passes(item));
            Print(context, item);
            return 0;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, await TellSilenceAsync(room, cancellationToken), exception);
        }
    }

    private static void Print(CommandContext context, RoomItem item)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(ItemJson.Of(item), RoomJson.Compact.ItemJson));
        }
        else
        {
            context.Terminal.Write(RoomFrame.Write(item));
        }
    }

    private static async Task<string> TellSilenceAsync(RoomAtWork room, CancellationToken cancellationToken)
    {
        var presence = await room.Door.PingAsync(room.Token, cancellationToken);
        return presence.PartnerLastSeen is { } ago
            ? $"Nothing came. The room is alive; your partner was last seen {(int)ago.TotalSeconds} s ago."
            : "Nothing came. The room is alive; your partner is not there.";
    }
}
