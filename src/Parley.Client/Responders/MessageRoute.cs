using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>What becomes of a message at its receiver.</summary>
public enum MessageRoute
{
    /// <summary>The responder answers it.</summary>
    Respond,

    /// <summary>It is shown to a person.</summary>
    Print,

    /// <summary>Its file is saved.</summary>
    Save,
}

/// <summary>The type rules of DECISIONS 9: which message may reach which responder.</summary>
public static class MessageRouting
{
    /// <summary>Decides by the message's type and the kind of responder.</summary>
    /// <param name="type">The message's type; unspecified counts as auto.</param>
    /// <param name="responder">Traits of the responder, null without one.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderMissing"/> for a command or call that nothing here can run.</exception>
    public static MessageRoute Decide(MessageType type, ResponderTraits? responder) => type switch
    {
        MessageType.Command or MessageType.Rpc when responder is null => throw new ParleyException(
            ErrorCode.ResponderMissing,
            "This listener runs no commands: its owner starts one that does with 'parley a2a listen --exec CMD'."),
        MessageType.File when responder is null || responder.Value.HasFlag(ResponderTraits.Shell) => MessageRoute.Save,
        MessageType.Text when responder is null || responder.Value.HasFlag(ResponderTraits.Shell) => MessageRoute.Print,
        _ => responder is null ? MessageRoute.Print : MessageRoute.Respond,
    };
}
