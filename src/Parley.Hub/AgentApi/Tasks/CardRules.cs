using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>What an agent's card allows its callers to do. Pure.</summary>
internal static class CardRules
{
    private const string AnyType = "*/*";

    /// <summary>Refuses a message that the agent does not take.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ExtensionRequired"/>, <see cref="ErrorCode.ContentTypeNotSupported"/>.</exception>
    public static void CheckMessage(AgentCard card, Message message, IReadOnlySet<string> extensions)
    {
        if (card.Capabilities?.Extensions.FirstOrDefault(extension => extension.Required && !extensions.Contains(extension.Uri)) is { } missing)
        {
            throw new ParleyException(ErrorCode.ExtensionRequired, $"The agent requires the extension {missing.Uri}.");
        }

        var modes = card.DefaultInputModes.Concat(card.Skills.SelectMany(skill => skill.InputModes)).ToList();
        if (modes.Count == 0)
        {
            return;
        }

        for (var place = 0; place < message.Parts.Count; place++)
        {
            var type = TypeOf(message.Parts[place]);
            if (!modes.Exists(mode => Takes(mode, type)))
            {
                throw new ParleyException(ErrorCode.ContentTypeNotSupported, "The agent does not take content of this type.") { Field = $"message.parts[{place}].mediaType" };
            }
        }
    }

    /// <summary>Refuses streams of an agent that declares none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OperationNotSupported"/>.</exception>
    public static void CheckStreaming(AgentCard card)
    {
        if (card.Capabilities is not { Streaming: true })
        {
            throw new ParleyException(ErrorCode.OperationNotSupported, "The agent does not stream.");
        }
    }

    /// <summary>Refuses push configs for an agent that declares none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PushNotSupported"/>.</exception>
    public static void CheckPush(AgentCard card)
    {
        if (card.Capabilities is not { PushNotifications: true })
        {
            throw new ParleyException(ErrorCode.PushNotSupported, "The agent sends no push notifications.");
        }
    }

    /// <summary>Refuses the extended card of an agent that declares none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OperationNotSupported"/>.</exception>
    public static void CheckExtended(AgentCard card)
    {
        if (card.Capabilities is not { ExtendedAgentCard: true })
        {
            throw new ParleyException(ErrorCode.OperationNotSupported, "The agent has no extended card.");
        }
    }

    private static string TypeOf(Part part) => part switch
    {
        { MediaType.Length: > 0 } => part.MediaType.Split(';')[0].Trim(),
        { ContentCase: Part.ContentOneofCase.Text } => "text/plain",
        { ContentCase: Part.ContentOneofCase.Data } => "application/json",
        _ => "application/octet-stream",
    };

    private static bool Takes(string mode, string type) =>
        mode == AnyType || string.Equals(mode, type, StringComparison.OrdinalIgnoreCase) ||
        (mode.EndsWith("/*", StringComparison.Ordinal) && type.StartsWith(mode[..^1], StringComparison.OrdinalIgnoreCase));
}
