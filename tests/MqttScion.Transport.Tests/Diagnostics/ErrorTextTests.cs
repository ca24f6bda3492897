namespace MqttScion.Transport.Tests;

/// <summary>What failed is told in one line.</summary>
public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("Connection refused", "Connection refused.")]
    [InlineData("Is it running?", "Is it running?")]
    [InlineData("first\r\nsecond.", "first second.")]
    [InlineData("", "IOException.")]
    public void Sentence_is_one_line_that_ends(string text, string sentence) =>
        ErrorText.Sentence(new IOException(text)).Should().Be(sentence);

    [Fact]
    public void Sentence_of_a_wrapper_is_that_of_what_it_wraps() =>
        ErrorText.Sentence(new HttpRequestException(
            "The SSL connection could not be established, see inner exception.", new IOException("bad record")))
            .Should().Be("bad record.");
}
