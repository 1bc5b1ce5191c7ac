using Parley.Client.Chat.Wire;
using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Chat;

/// <summary>How somebody is told that nobody wants to chat with it now.</summary>
public static class ChatRefusal
{
    /// <summary>Tells it, on a path, and waits until it has heard it.</summary>
    public static async Task TellAsync(IPeerSession session, CancellationToken cancellationToken)
    {
        await using var path = await session.ConnectAsync(Enum.GetValues<PathKind>(), cancellationToken);
        await path.Stream.WriteAsync(ChatFrame.Of(new ParleyException(ErrorCode.PermissionDenied, "The other end does not want to chat now.")), cancellationToken);
        await path.Stream.FlushAsync(cancellationToken);
        var buffer = new byte[1024];
        while (await path.Stream.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Until it is gone.
        }
    }
}
