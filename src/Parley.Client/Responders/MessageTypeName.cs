using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>A message type's name for commands and JSON.</summary>
internal static class MessageTypeName
{
    /// <summary>The name; unspecified is auto.</summary>
    public static string Of(MessageType type) => type switch
    {
        MessageType.Text => "text",
        MessageType.Command => "command",
        MessageType.File => "file",
        MessageType.Rpc => "rpc",
        _ => "auto",
    };
}
