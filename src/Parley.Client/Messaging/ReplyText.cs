using System.Globalization;
using System.Text;
using Parley.Client.Responders;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>A reply as a model reads it: text, and in words what else there is.</summary>
internal static class ReplyText
{
    private const int MaxInlineFileBytes = 16 * 1024;

    /// <summary>The text.</summary>
    public static string Of(Reply reply)
    {
        var text = new StringBuilder(reply.State switch
        {
            ReplyState.InputRequired => "The agent asks back; send it another message to answer.\n\n",
            ReplyState.AuthRequired => "The agent needs an authorisation that you cannot give.\n\n",
            ReplyState.Rejected => "The agent will not do it.\n\n",
            _ => string.Empty,
        });
        text.Append(reply.Content.ToStringUtf8());
        if (reply.HasExitCode && reply.ExitCode != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[exit code {reply.ExitCode}]\n{reply.Stderr.ToStringUtf8()}");
        }

        if (reply.ErrorMessage.Length > 0)
        {
            text.Append(text.Length > 0 ? "\n" : string.Empty).Append(reply.ErrorMessage);
        }

        foreach (var file in reply.Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n\n[file {SafeFileName.From(file.Name)}, {file.Content.Length} bytes]");
            if (file.Content.Length <= MaxInlineFileBytes && System.Text.Unicode.Utf8.IsValid(file.Content.Span))
            {
                text.Append('\n').Append(file.Content.ToStringUtf8());
            }
        }

        return text.ToString();
    }
}
