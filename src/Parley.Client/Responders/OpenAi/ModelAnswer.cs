using System.Text;

namespace Parley.Client.Responders.OpenAi;

/// <summary>The text of all steps of an answer; what a later step says begins on a line of its own.</summary>
internal sealed class ModelAnswer
{
    private readonly StringBuilder _text = new();
    private bool _isStepEnded;

    /// <summary>The text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes the next text.</summary>
    /// <returns>What to stream for it.</returns>
    public string Add(string piece)
    {
        if (piece.Length == 0)
        {
            return piece;
        }

        var whole = _isStepEnded && _text.Length > 0 && _text[^1] != '\n' ? "\n" + piece : piece;
        _isStepEnded = false;
        _text.Append(whole);
        return whole;
    }

    /// <summary>The step is over.</summary>
    public void EndStep() => _isStepEnded = true;
}
